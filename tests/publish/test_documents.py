"""Pages of notebooks: findings first, text of one language, code in a closed fold, nothing becomes code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import nbformat.v4 as made
import pandas as pd
import pytest

from eldercare.publish.documents import render, sections_of
from eldercare.publish.pages import Labels, Link, Shell, shell
from eldercare.publish.request import PageAddress
from eldercare.publish.topics import Topic
from eldercare.report.html import SITE

SPEC = importlib.util.spec_from_file_location("made_notebooks", Path(__file__).with_name("made_notebooks.py"))
cells = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(cells)
text, code = cells.text, cells.code

LABELS = Labels(
    {"city": {"en": "City", "zh": "全市"}, "north": {"en": "North", "zh": "北县"}},
    {"baseline": {"en": "Baseline", "zh": "基准情景"}},
    {"08_mine": Topic({"en": "Mine", "zh": "我的"})},
    {"en": {"city": "City"}, "zh": {"city": "全市"}},
)


def around(language: str = "en", **changed: object) -> Shell:
    page = PageAddress(language, "baseline", "north", "08_mine")
    return shell(page, LABELS, {page: page}, "0001-x", changed)


def page(*parts: object, language: str = "en", **changed: object) -> str:
    notebook = nbformat.writes(made.new_notebook(cells=list(parts)), version=4)
    document = render(notebook.encode("utf-8"), around(language, **changed))
    return document[document.index("<main") : document.index('<nav class="pager"')]


def order(document: str, *words: str) -> bool:
    places = [document.index(word) for word in words]
    return places == sorted(places)


SECTION = (
    text("## Beds by norm\nOne bed for *twenty* people.", "lang-en", name="ratio-en"),
    text("## 床位\n每二十人一张。", "lang-zh", name="ratio-zh"),
    code("beds = elders / 20", "numbers", shows=[{"text/html": "<b>the frame</b>"}]),
    code("draw(beds)", "picture", shows=[{"text/html": "<figure>picture</figure>"}]),
    code("say(beds)", "finding", shows=[{"text/html": "<p>Ten are missing.</p>"}]),
)


def test_a_section_shows_its_finding_and_picture_first_then_the_text_and_folds_code_and_numbers():
    before = text("## Before", name="before"), code("a", "picture", shows=[{"text/html": "<figure>one</figure>"}])
    shown = page(*before, *SECTION).partition("</section>")[2]
    assert order(shown, '<h2 id="ratio">Beds by norm</h2>', "Ten are missing", "picture", "<em>twenty</em>", "<details")
    fold = shown[shown.index('<details class="how">') : shown.index("</details>")]
    assert fold.startswith('<details class="how"><summary>How this is computed</summary>')
    assert order(fold, "beds = elders / 20", "<b>the frame</b>", "draw(beds)", "say(beds)")
    assert shown.count("the frame") == 1 and "Ten are missing" not in fold


@pytest.mark.parametrize(("language", "there", "absent"), [("en", "twenty", "每二十"), ("zh", "每二十", "twenty")])
def test_a_page_has_the_text_of_its_language_and_the_same_places_in_both(language, there, absent):
    shown = page(*SECTION, language=language)
    assert there in shown and absent not in shown
    assert re.findall('<h2 id="(.*?)">', shown) == ["ratio"]


def test_contents_lead_to_sections_of_text_and_of_outputs():
    document = render(
        nbformat.writes(
            made.new_notebook(
                cells=[
                    *SECTION,
                    code("page.provenance()", "page", shows=[{"text/html": '<h2 id="provenance">Whence</h2>'}]),
                ]
            )
        ).encode(),
        around(),
    )
    rail = document[document.index('class="list contents"') : document.index('class="list checks"')]
    assert re.findall('href="(.*?)">(.*?)<', rail) == [("#ratio", "Beds by norm"), ("#provenance", "Whence")]
    assert 'href="#provenance"' in document[document.index('class="list checks"') :]


def test_a_page_without_provenance_has_no_link_to_it():
    notebook = nbformat.writes(made.new_notebook(cells=[code("1", shows=[{"text/plain": "1"}])]))
    assert "#provenance" not in render(notebook.encode(), around())


@pytest.mark.parametrize("tag", ["guide", "try", "parameters", "injected-parameters"])
def test_cells_for_those_who_open_the_notebook_are_not_published(tag):
    shown = page(text("secret words", tag), code("secret = 1", tag, shows=["secret"]), code("print(2)", shows=["two"]))
    assert "secret" not in shown and "two" in shown


def test_code_that_makes_the_page_has_no_fold_and_what_it_shows_stands_outside_of_sections():
    shown = page(
        code("page = Page()", "page", shows=[{"text/html": "<h1>Topic: North</h1>"}]),
        *SECTION,
        code("import more", "page"),
        code("draw(more)", "picture", shows=[{"text/html": "<i>more</i>"}]),
        code("page.parameters()", "page", shows=[{"text/html": '<h2 id="parameters">Parameters</h2>'}]),
    )
    assert order(shown, "<h1>", 'id="ratio"', "<i>more</i>", "draw(more)", "</details>", 'id="parameters"')
    assert "Page()" not in shown and "import more" not in shown and shown.count("<details") == 1


def test_an_own_notebook_has_a_heading_outputs_in_order_and_its_code_in_a_fold():
    frame = pd.DataFrame({"beds": [1, 2]}, index=["north", "south"])
    shown = page(
        text("# Mine\nWords first."),
        code("print('a')", shows=["printed\n\nlater <b>"]),
        text("Words between."),
        code("frame", shows=[{"text/html": frame._repr_html_(), "text/plain": "beds"}]),
        code("plot()", shows=[{"image/png": "aGk=\n", "text/plain": "<Figure>"}]),
        code("draw()", shows=[{"image/svg+xml": '<svg xmlns="x"><text>#</text></svg>'}]),
    )
    assert "<h1>Mine: North, Baseline</h1>" in shown
    assert order(shown, "Words first", "printed\n\nlater &lt;b&gt;</pre>", "Words between", "<th>beds</th>", "<img")
    assert 'alt="Mine: North, Baseline" src="data:image/png;base64,aGk="' in shown
    assert 'src="data:image/svg+xml,%3Csvg%20xmlns%3D%22x%22%3E' in shown
    assert '<div class="table-box"><table class="dataframe">' in shown
    assert "<style" not in shown and "<th></th>" not in shown and "&lt;Figure" not in shown
    assert order(shown, "<img", "<details", "print(&#39;a&#39;)", "plot()")


@pytest.mark.parametrize(
    ("tag", "shows", "is_there"),
    [("picture", (), False), ("picture", ("drawn",), True), ("numbers", (), True), ("", (), True)],
)
def test_a_section_whose_picture_is_not_there_is_left_out_with_its_text_and_code(tag, shows, is_there):
    numbers = code("gaps = 1", "numbers", shows=[{"text/plain": "1"}])
    shown = page(
        text("## Between the counties\nWords.", name="counties"), numbers, code("draw()", *tag.split(), shows=shows)
    )
    assert ("Between the counties" in shown) == ("Words." in shown) == ("gaps = 1" in shown) == is_there


def test_a_line_of_chinese_that_is_broken_gets_no_space():
    assert "床位之和除以人口" in page(text("床位之和\n除以人口")) and "beds over\npeople" in page(
        text("beds over\npeople")
    )
    # So too before a number or a word that leads to Chinese, and beside a quotation mark; a list stays a list.
    joined = page(text("富余。\n“标准”见\n2040年，\nMAPE为平均。\n\n- 甲\n- 乙"))
    assert "富余。“标准”见2040年，MAPE为平均。" in joined and joined.count("<li>") >= 2


def test_blank_lines_and_indents_of_code_are_kept():
    assert "for a in b:\n\n    c(a)\n" in page(code("for a in b:\n\n    c(a)\n\nd"))


def test_changed_values_are_told_on_a_page_that_does_not_tell_them_itself():
    assert "beds.norm = 55" in page(code("1", shows=["1"]), **{"beds.norm": 55})
    own = code("head()", "page", shows=[{"text/html": '<div class="override">Norm of 55.</div>'}])
    shown = page(own, **{"beds.norm": 55})
    assert "<h1>Mine: North, Baseline</h1>" in shown and shown.count("override") == 1


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ((SITE, "text/html", "text/plain"), SITE),
        (("text/html", "image/svg+xml"), "text/html"),
        (("image/png", "image/svg+xml", "text/plain"), "image/svg+xml"),
        (("image/png", "text/plain"), "image/png"),
        (("application/json", "text/plain"), "text/plain"),
        (("application/json",), None),
    ],
)
def test_of_an_output_the_form_that_suits_the_site_best_is_shown(kinds, shown):
    (section,) = sections_of([code("x", shows=[dict.fromkeys(kinds, "x")])], "en")
    assert [next(iter(output)) for output in section.shown] == ([shown] if shown else [])


@pytest.mark.parametrize(
    ("source", "absent", "there"),
    [
        ("<script>alert(1)</script>", "<script", "&lt;script&gt;"),
        ('<img src="https://example.org/a.png">', "<img", "&lt;img"),
        ("## A <b>bold</b> title", "<b>bold", "A &lt;b&gt;bold&lt;/b&gt; title"),
        ("[here](javascript:alert(1))", "javascript:", "#harmful-link"),
        ("![map](https://example.org/a.png)", "<img", '<a href="https://example.org/a.png">map</a>'),
        ("`a < b` & c", "a < b", "<code>a &lt; b</code> &amp; c"),
    ],
)
def test_text_becomes_html_that_is_safe_and_asks_no_other_host(source, absent, there):
    shown = page(text(source))
    assert absent not in shown and there in shown


def test_an_attached_picture_is_part_of_the_page():
    attached = {"map.png": {"image/png": "aGk="}}
    assert '<img src="data:image/png;base64,aGk=" alt="map"' in page(
        text("![map](attachment:map.png)", attachments=attached)
    )


def test_lower_headings_stay_below_the_heading_of_the_page():
    shown = page(text("# Mine"), text("Words\n\n# Again\n\n### Deep"), text("# Third", name="third"))
    assert re.findall(r"<h(\d)", shown) == ["1", "2", "3", "2"]
    assert '<h2 id="third">Third</h2>' in shown


FIGURE, BOX = "<figure>{}</figure>", '<div class="table-box"><table>{}</table></div>'


def test_the_first_picture_of_a_page_stands_beside_the_answer_and_text_beside_the_picture_of_its_section():
    shown = page(
        code("page = Page()", "page", shows=[{"text/html": "<h1>Topic: North</h1>"}]),
        text("## First\nNothing drawn.", name="first"),
        text("## Second\nMeant so.", name="second"),
        code(
            "a",
            "picture",
            shows=[{"text/html": "\n".join((BOX.format("before"), FIGURE.format("drawn"), "<p>after</p>"))}],
        ),
        code("b", "finding", shows=[{"text/html": '<p class="answer">Ten.</p>'}]),
        text("## Third\nOf the table.", name="third"),
        code("c", "picture", shows=[{"text/html": "\n".join((BOX.format("x"), BOX.format("y")))}]),
    )
    opening, _, rest = shown.partition('id="first"')
    assert order(
        opening, '<div class="hero">', "<h1>", "Ten.", 'id="second"', "drawn", 'class="margin"', "before", "after"
    )
    assert order(rest, "Nothing drawn", 'id="third"', "<table>x", 'class="margin"', "Of the table", "<table>y")
    assert shown.count("Ten.") == 1 and rest.count('class="margin"') == 1


def test_every_chart_leads_to_the_tables():
    figure = '<figure class="chart" id="chart-a"><details>drawn</details></figure>'
    shown = page(code("a", shows=[{"text/html": figure * 2}]))
    assert shown.count('<p class="files">') == 2
    assert 'href="../../../data/baseline.xlsx"' in shown


def test_a_link_is_escaped_and_marked_when_it_leads_elsewhere():
    near = Link("A & B", "x.html", nearest=True)
    notebook = nbformat.writes(made.new_notebook(cells=[]))
    assert (
        '<a href="x.html" class="nearest" title="This page has not been made; the link leads to the nearest one.">'
        "A &amp; B</a>"
        in render(notebook.encode(), Shell(language="en", words={"city": ""}, heading="", run_id="", languages=(near,)))
    )
