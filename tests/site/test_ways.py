"""What a script adds to the pages, in a real browser from disk: search and other ways to what is looked for."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.site.test_browser import AXE, OPENED

pytestmark = pytest.mark.browser
SEARCH = "input[type=search]"


def look_for(tab, asked: str) -> list[str]:
    """Return the addresses that a search finds, in order."""
    tab.locator(SEARCH).fill(asked)
    tab.wait_for_function("window.eldercare.pages && document.querySelector('.found [role=status]').textContent")
    return tab.evaluate("[...document.querySelectorAll('.found a')].map((one) => one.href)")


@pytest.mark.parametrize(
    ("page", "asked", "found"),
    [
        ("index.html", "waiting deqing", "en/baseline/deqing/03_need.html#"),
        ("index.html", "meal point", "glossary.html#point"),
        ("en/hold_the_norm/deqing/03_beds.html", "per 1,000 deqing", "en/hold_the_norm/deqing/03_beds.html#ratio"),
        ("index-zh.html", "德清县轮候", "zh/baseline/deqing/03_need.html#"),
        ("zh/baseline/deqing/04_meals.html", "德清床位缺口", "zh/baseline/deqing/"),
        ("zh/baseline/huzhou/00_overview.html", "入住率", "glossary-zh.html#occupancy"),
    ],
)
def test_a_search_finds_sections_and_terms_in_the_language_of_the_page(tab, site: Path, page, asked, found):
    tab.goto((site / page).as_uri())
    hrefs = look_for(tab, asked)
    root, language = site.as_uri(), "zh" if "zh" in page else "en"
    assert any(href.startswith(f"{root}/{found}") for href in hrefs[:3]), hrefs
    assert all(href.startswith((f"{root}/{language}/", f"{root}/glossary")) for href in hrefs)
    tab.locator(".found a").first.click()
    tab.wait_for_url(hrefs[0])
    place = hrefs[0].partition("#")[2]
    assert not place or tab.locator(f"#{place}").is_visible()


def test_search_answers_at_once_and_loads_its_texts_when_first_used(tab, site: Path):
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((site / "zh/baseline/deqing/03_beds.html").as_uri())
    assert not [url for url in asked if "search-" in url]
    assert look_for(tab, "床位") and len([url for url in asked if "search-zh" in url]) == 1
    for words in ("床", "德清县按照护需求测算的机构床位缺口", "80%区间", "不在任何页面上的话"):
        took = tab.evaluate(
            """(words) => {
                const [box, start] = [document.querySelector("input[type=search]"), performance.now()];
                box.value = words;
                box.dispatchEvent(new Event("input"));
                return performance.now() - start;
            }""",
            words,
        )
        assert took < 50, words
    assert not look_for(tab, "不在任何页面上的话") and "未找到" in tab.locator(".found [role=status]").inner_text()
    assert all((site / "assets" / f"search-{language}.js").stat().st_size < 1_000_000 for language in ("en", "zh"))


def test_search_is_used_by_keyboard(tab, site: Path):
    tab.goto((site / "en/baseline/deqing/03_beds.html").as_uri())
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.type") == "search"
    tab.keyboard.type("beds/")
    assert tab.locator(SEARCH).input_value() == "beds/"
    hrefs = look_for(tab, "occupancy")
    for key, place in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        tab.keyboard.press(key)
        assert tab.evaluate("document.activeElement.href") == hrefs[place]
    tab.keyboard.press("Escape")
    assert not tab.locator(".found").is_visible() and tab.locator(SEARCH).input_value() == ""
    look_for(tab, "occupancy")
    tab.keyboard.press("Enter")
    tab.wait_for_url(hrefs[0])


def test_a_word_with_signs_of_html_stays_a_word(tab, site: Path):
    tab.goto((site / "index.html").as_uri())
    assert look_for(tab, "<img src=x onerror=alert(1)>") == []
    assert tab.locator(".found img").count() == 0


@pytest.mark.parametrize("page", ["en/baseline/deqing/03_beds.html", "zh/baseline/huzhou/01_evidence.html"])
def test_below_every_picture_and_table_a_link_opens_the_sources_of_the_data(tab, site: Path, page):
    tab.goto((site / page).as_uri())
    links = tab.locator("a[href='#data-sources']")
    tables = tab.locator("section:not([aria-labelledby=provenance]) > .table-box, main > .table-box").count()
    assert links.count() >= tab.locator("figure.chart").count() + tables
    links.first.click()
    rows = tab.locator("#data-sources tbody tr")
    assert rows.first.is_visible() and rows.count() > 5
    addresses = [one.get_attribute("href") for one in tab.locator("#data-sources a[rel=noreferrer]").all()]
    assert len(addresses) > 5 and all(address.startswith("http") for address in addresses)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_headings_and_charts_show_their_address(tab, site: Path, language):
    tab.goto((site / f"{language}/baseline/deqing/03_beds.html").as_uri())
    names = {"en": {"Link to this section", "Link to this chart"}, "zh": {"本节链接", "本图链接"}}[language]
    links = tab.locator("main .permalink")
    assert {one.get_attribute("aria-label") for one in links.all()} == names
    for link, place in (
        (tab.locator("h2#crossing .permalink"), "crossing"),
        (tab.locator("#chart-ratio .permalink"), "chart-ratio"),
    ):
        assert float(link.evaluate("(one) => getComputedStyle(one).opacity")) == 0
        link.focus()
        tab.keyboard.press("Shift")  # focus is shown to who uses the keyboard
        assert float(link.evaluate("(one) => getComputedStyle(one).opacity")) == 1
        link.click()
        assert tab.url.endswith(f"#{place}")


def saved(tab, button) -> tuple[str, bytes]:
    """Return name and content of what a button or a link saves."""
    with tab.expect_download() as waiting:
        button.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize(
    ("page", "figure", "name"),
    [
        ("zh/baseline/deqing/03_beds.html", "#chart-ratio", "deqing-baseline-03_beds-ratio"),
        ("en/hold_the_norm/anji/03_beds.html", "#chart-ratio", "anji-hold_the_norm-03_beds-ratio"),
        ("index.html", "#chart-ratio", "huzhou-baseline-ratio"),
        ("en/baseline/deqing/06_scenarios.html", "figure.live", "deqing-baseline-06_scenarios-what_if"),
    ],
)
def test_a_chart_is_saved_with_its_words_its_origin_and_a_name_that_tells(tab, site: Path, page, figure, name):
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto((site / page).as_uri())
    if "live" in figure:
        tab.locator("#what-if-norm").fill("56")
    chart = tab.locator(figure)
    caption = chart.locator("figcaption").evaluate("(one) => one.firstChild.textContent")
    file, svg = saved(tab, chart.get_by_role("button", name="SVG"))
    root = ElementTree.fromstring(svg)
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert file == f"{name}.svg" and caption in texts[0] and "2040" in texts
    cited = tab.locator(".site-footer .cite").text_content()
    assert caption in texts[-1] and texts[-1].startswith(cited.partition(":")[0].partition("：")[0])
    # Only the picture of the trial says what was set.
    assert texts[-2].endswith(" 56") == ("live" in figure)
    file, png = saved(tab, chart.get_by_role("button", name="PNG"))
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert file == f"{name}.png" and picture.width > 1400
    # The letters are there, above and below.
    for rows in ((0, 60), (picture.height - 30, picture.height)):
        assert picture.crop((0, rows[0], picture.width, rows[1])).getextrema()[0][0] < 100
    if "live" not in figure:
        tab.locator(f"{figure} details.twin summary").click()
        file, csv = saved(tab, chart.locator("p.file a"))
        assert file == f"{name}.csv" and csv.startswith(b"\xef\xbb\xbf")
    assert faults == []


@pytest.mark.parametrize("page", ["index.html", "zh/baseline/deqing/04_meals.html", "glossary.html"])
def test_the_foot_says_of_when_by_whom_and_how_to_cite(tab, published, site: Path, page):
    tab.goto((site / page).as_uri())
    foot, language = tab.locator(".site-footer").inner_text(), "zh" if "zh" in page else "en"
    about = published.city.publication
    for label in (about.author, about.licence, about.contact, about.next_update):
        assert label[language] in foot
    today = datetime.now(UTC)
    assert f"{today.year}" in foot and metadata.version("eldercare") in foot and "2018" in foot
    cited = tab.locator(".cite").text_content()
    assert tab.locator("h1").evaluate("(one) => one.firstChild.textContent").strip() in cited


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_menu_of_scenarios_says_what_they_mean_in_groups_and_closes(tab, published, site: Path, language):
    tab.goto((site / f"{language}/baseline/deqing/03_beds.html").as_uri())
    menu, button = tab.locator("nav.scenarios details"), tab.locator("nav.scenarios summary")
    groups = {"en": ["What is done differs", "The population differs"], "zh": ["做法不同", "人口不同"]}[language]
    button.click()
    rows = menu.locator("li").all_inner_texts()
    places = [rows.index(group) for group in groups]
    labels = {name: scenario.label[language] for name, scenario in published.scenarios.items()}
    at = {name: next(i for i, row in enumerate(rows) if row.startswith(label)) for name, label in labels.items()}
    assert at["baseline"] < places[0] < at["hold_the_norm"] < places[1] < at["low_migration"]
    meaning = published.scenarios["hold_the_norm"].description[language]
    assert meaning.startswith(rows[at["hold_the_norm"]].splitlines()[1])
    tab.keyboard.press("Escape")
    assert not menu.evaluate("(one) => one.open") and button.evaluate("(one) => one === document.activeElement")
    button.click()
    tab.locator("h1").click()
    assert not menu.evaluate("(one) => one.open")


def test_the_front_page_has_a_link_to_every_area_of_a_scenario_and_few_of_one_name(tab, published, site: Path):
    tab.goto((site / "index.html").as_uri())
    links = tab.locator("#hold_the_norm .areas a")
    assert len(links.all()) == len(published.areas)
    names = tab.locator("main a").all_inner_texts()
    scenarios = len(published.scenarios)
    assert max(map(names.count, names)) <= scenarios + 4 and len(names) < 120 + 9 * scenarios


def test_counties_are_compared_on_one_page_which_every_page_leads_to(tab, published, site: Path):
    tab.goto((site / "en/baseline/deqing/03_beds.html").as_uri())
    tab.locator("nav.areas").get_by_role("link", name="Compare").click()
    assert tab.url.endswith("index.html#counties")
    rows = tab.locator("section:has(> #counties) tbody tr").all()
    for row, area in zip(rows, published.areas, strict=True):
        link = row.locator("th a")
        assert not link.count() or f"/{area}/00_overview" in link.get_attribute("href")
        assert row.locator(".bar").count() == (area != published.city.id)
    gaps = [row.locator("td:has(.bar) .value").inner_text() for row in rows[1:]]
    wide = [row.locator(".bar span").evaluate("(one) => one.offsetWidth") for row in rows[1:]]
    shown = [float(re.sub("[^0-9.-]", "", gap.replace("−", "-"))) for gap in gaps]
    assert sorted(range(len(shown)), key=shown.__getitem__) == sorted(range(len(wide)), key=wide.__getitem__)
    assert max(wide) == tab.locator(".bar").first.evaluate("(one) => one.offsetWidth")


@pytest.mark.parametrize(
    ("page", "term", "means"),
    [
        ("zh/baseline/deqing/03_beds.html", "80%区间", "对不确定参数反复抽样模拟"),
        ("en/baseline/huzhou/03_need.html", "waiting list", "People who have applied"),
    ],
)
def test_a_term_says_what_it_means_to_who_points_at_it_taps_it_or_has_a_keyboard(tab, site: Path, page, term, means):
    tab.goto((site / page).as_uri())
    texts = tab.locator(".term").all_inner_texts()
    assert len(texts) == len({text.lower() for text in texts}) > 4
    button = tab.locator(".term", has_text=re.compile(f"^{term}$", re.I))
    box, first = tab.locator(".meaning"), tab.locator(".term").first
    button.hover()
    tab.wait_for_function("document.querySelector('.meaning').matches(':popover-open')")
    assert means in box.inner_text()
    box.hover()
    tab.wait_for_timeout(600)
    assert box.is_visible()
    tab.locator("h1").hover()
    tab.wait_for_function("!document.querySelector('.meaning').matches(':popover-open')")
    button.focus()
    tab.keyboard.press("Enter")
    assert means in box.inner_text()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('.meaning') !== null")
    tab.keyboard.press("Escape")
    assert not box.is_visible()
    first.click()
    assert box.is_visible()
    width = tab.viewport_size["width"]
    place = box.bounding_box()
    assert place["x"] >= 0 and place["x"] + place["width"] <= width
    box.get_by_role("link").click()
    assert "glossary" in tab.url and tab.locator(f"#{tab.url.partition('#')[2]}").is_visible()


@pytest.mark.parametrize("page", ["zh/baseline/deqing/03_beds.html", "en/baseline/huzhou/03_beds.html"])
def test_a_chart_is_named_and_described_once_and_only_what_scrolls_is_a_stop(tab, site: Path, page):
    for width in (1366, 390):
        tab.set_viewport_size({"width": width, "height": 800})
        tab.goto((site / page).as_uri())
        tab.wait_for_timeout(200)
        boxes = tab.evaluate(
            """[...document.querySelectorAll("main :is(.plot, .table-box, pre):not([role=img])")]
                .filter((one) => one.checkVisibility())
                .map((one) => [one.scrollWidth > one.clientWidth + 1, one.tabIndex === 0, !!one.ariaLabel])"""
        )
        assert boxes and all(scrolls == stop == named for scrolls, stop, named in boxes)
        # At a phone's width tables scroll, on a desk next to nothing does.
        assert sum(stop for _, stop, _ in boxes) > 1 if width == 390 else sum(stop for _, stop, _ in boxes) < 4
    picture = tab.locator("#chart-ratio svg")
    named, described = (
        tab.locator(f"#{picture.get_attribute(f'aria-{name}')}") for name in ("labelledby", "describedby")
    )
    assert picture.locator("title").count() == 0
    assert named.text_content() == tab.locator("#chart-ratio figcaption span").text_content()
    assert described.text_content() == tab.locator(".part:has(> #ratio) .finding").text_content()


def boxes(tab, selector: str) -> list[dict]:
    """Return the visible boxes of elements, from the top of the page."""
    return tab.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility())
            .map((one) => one.getBoundingClientRect()).filter((box) => box.width > 1)
            .map(({ left, right, top, bottom }) => ({ left, right, top: top + scrollY, bottom: bottom + scrollY }))""",
        selector,
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_desk_the_first_picture_is_on_the_first_screen_and_the_right_third_is_used(tab, site: Path, language):
    tab.set_viewport_size({"width": 1366, "height": 657})
    drawn = 0
    for file in sorted((site / language / "baseline" / "huzhou").glob("*.html")):
        tab.goto(file.as_uri())
        (places,) = boxes(tab, ".places")
        assert places["bottom"] <= 140, file
        pictures = boxes(tab, "main figure.chart .plot")
        if pictures:
            drawn += 1
            # The whole of it, or what a screen holds of a tall one.
            seen = min(657, pictures[0]["bottom"]) - pictures[0]["top"]
            assert seen > 0.9 * min(pictures[0]["bottom"] - pictures[0]["top"], 400), (file, pictures[0])
        parts = boxes(tab, ".part")
        reach = boxes(tab, "main :is(.margin, .shown > *, .rest > *) :is(p, svg, table, li), main :is(p, svg, table)")
        (main,) = boxes(tab, "main")
        right = main["right"] - (main["right"] - main["left"]) / 3
        used = sum(
            any(b["right"] > right and part["top"] <= b["top"] < part["bottom"] for b in reach) for part in parts
        )
        assert not parts or used > 0.6 * len(parts), (file, used, len(parts))
        # Text in the margin is not so narrow that it cannot be read, and lies over nothing.
        for text in boxes(tab, ".margin"):
            assert text["right"] - text["left"] >= 200 and text["right"] <= 1366
            for other in boxes(tab, "main :is(svg, table)"):
                apart = other["right"] <= text["left"] or other["left"] >= text["right"]
                assert apart or other["bottom"] <= text["top"] + 1 or other["top"] >= text["bottom"] - 1, file
    assert drawn >= 3


# The narrower is that of a small phone, and of a desk at 400%.
@pytest.mark.parametrize(
    ("area", "language", "width"),
    [("huzhou", "en", 390), ("huzhou", "zh", 390), ("deqing", "zh", 390), ("huzhou", "en", 320), ("deqing", "zh", 320)],
)
def test_on_a_phone_charts_are_laid_out_anew_and_no_text_is_cut_small_or_under_another(
    tab, site: Path, area, language, width
):
    tab.set_viewport_size({"width": width, "height": 844})
    laid = 0
    for file in sorted((site / language / "baseline" / area).glob("*.html")):
        tab.goto(file.as_uri())
        for figure in tab.locator("figure.chart:not(.live)").all():
            if not figure.is_visible():
                continue
            laid += 1
            name, plot = figure.get_attribute("id"), figure.locator(".plot")
            assert plot.evaluate("(one) => one.scrollWidth <= one.clientWidth"), (file, name)
            texts = plot.evaluate(
                """(plot) => {
                    const scale = plot.clientWidth / plot.firstElementChild.viewBox.baseVal.width;
                    return [...plot.querySelectorAll("text")].map((text) => [text.textContent,
                        parseFloat(getComputedStyle(text).fontSize) * scale, text.getBoundingClientRect().toJSON()]);
                }"""
            )
            around = plot.bounding_box()
            assert texts
            for n, (words, size, box) in enumerate(texts):
                assert size >= 10.9, (file, name, words, size)
                inside = around["x"] - 2 <= box["left"] and box["right"] <= around["x"] + around["width"] + 2
                assert inside and around["y"] - 2 <= box["top"], (file, name, words, box, around)
                assert box["bottom"] <= around["y"] + around["height"] + 2, (file, name, words)
                for other, _, beside in texts[:n]:
                    across = min(box["right"], beside["right"]) - max(box["left"], beside["left"])
                    down = min(box["bottom"], beside["bottom"]) - max(box["top"], beside["top"])
                    assert across < 3 or down < 7, (file, name, words, other, across, down)
    assert laid > 10


@pytest.mark.parametrize("page", ["zh/baseline/huzhou/03_beds.html", "en/baseline/deqing/03_beds.html", "index.html"])
def test_a_phone_shows_answer_and_picture_first_and_tables_say_that_there_is_more(tab, site: Path, page):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto((site / page).as_uri())
    answer, plot = boxes(tab, "p.answer")[0], boxes(tab, "main figure.chart .plot")[0]
    assert answer["bottom"] < 500 and 844 - plot["top"] > 0.6 * (plot["bottom"] - plot["top"])
    tables = tab.locator("main .table-box").all()
    wide = [
        one for one in tables if one.is_visible() and one.evaluate("(one) => one.scrollWidth > one.clientWidth + 1")
    ]
    assert wide
    for box in wide:
        shade = box.evaluate("(one) => getComputedStyle(one).backgroundImage")
        assert shade.count("linear-gradient") == 4 and "rgba(31, 41, 51" in shade
        first = box.locator("tbody th").first
        before = first.bounding_box()["x"]
        box.evaluate("(one) => { one.scrollLeft = 80; }")
        assert first.bounding_box()["x"] == before
    broken = tab.evaluate(
        """(() => {
            const main = document.querySelector("main"), broken = [];
            const texts = document.createNodeIterator(main, NodeFilter.SHOW_TEXT);
            for (let text = texts.nextNode(); text; text = texts.nextNode()) {
                const near = text.parentElement;
                if (near.closest("svg, pre, code, script, .cite") || !near.checkVisibility()) continue;
                for (const found of text.data.matchAll(/[\\d][\\d,.]*\\d%?/g)) {
                    const range = new Range();
                    range.setStart(text, found.index);
                    range.setEnd(text, found.index + found[0].length);
                    if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) broken.push(found[0]);
                }
            }
            return broken;
        })()"""
    )
    assert broken == []


def test_a_chart_of_a_phone_is_saved_as_it_was_drawn_and_comes_back_on_a_wide_screen(tab, site: Path):
    address, pictures = (site / "en/baseline/deqing/03_beds.html").as_uri(), {}
    for width in (1366, 390):
        tab.set_viewport_size({"width": width, "height": 844})
        tab.goto(address)
        pictures[width] = saved(tab, tab.locator("#chart-ratio").get_by_role("button", name="SVG"))
    assert pictures[390] == pictures[1366]
    assert "narrow" in tab.locator("#chart-ratio").get_attribute("class")
    tab.set_viewport_size({"width": 1366, "height": 844})
    tab.wait_for_function("!document.querySelector('#chart-ratio').classList.contains('narrow')")
    assert tab.locator("#chart-ratio svg").evaluate("(one) => one.viewBox.baseVal.width") > 600


def test_sliders_speak_once_when_they_rest(tab, site: Path):
    tab.goto((site / "en/baseline/deqing/06_scenarios.html").as_uri())
    spoken, live = tab.locator("[data-part=spoken]"), "#what-if-tool :is([aria-live=polite], [role=status]:not(.saved))"
    assert tab.locator(live).count() == 1
    tab.locator("#what-if-norm").focus()
    for _ in range(5):
        tab.keyboard.press("ArrowUp")
    assert spoken.text_content() == ""
    tab.wait_for_function("document.querySelector('[data-part=spoken]').textContent")
    assert spoken.text_content() == tab.locator("[data-part=answer]").text_content()


@pytest.mark.parametrize(
    "page", ["index.html", "zh/baseline/deqing/03_beds.html", "en/baseline/huzhou/01_evidence.html"]
)
def test_what_one_hits_is_high_enough(tab, site: Path, page):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto((site / page).as_uri())
    small = tab.evaluate(
        """[...document.querySelectorAll("a, button, summary, input")].map((one) => [one, one.getBoundingClientRect()])
            .filter(([one, box]) => box.height && box.height < 24
                && !one.closest("p:not(.files, .file, .save), .finding, .skip, td, dd, li:not(.areas li)"))
            .map(([one, box]) => [one.outerHTML.slice(0, 120), box.height])"""
    )
    assert small == []


def test_colours_follow_the_screen_and_paper_stays_white(tab, site: Path):
    ground = "getComputedStyle(document.querySelector({!r})).backgroundColor"
    tab.goto((site / "zh/baseline/deqing/06_scenarios.html").as_uri())
    assert tab.evaluate(ground.format("body")) == "rgb(255, 255, 255)"
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate(ground.format("body")) == "rgb(18, 24, 29)"
    assert tab.evaluate(ground.format("#chart-paths .plot")) == "rgb(255, 255, 255)"
    tab.emulate_media(color_scheme="dark", media="print")
    assert tab.evaluate(ground.format("body")) == "rgb(255, 255, 255)"
    tab.emulate_media(media="screen", forced_colors="active")
    for plot in ("#chart-paths .plot", ".live .plot"):
        assert tab.evaluate(ground.format(plot)) == "rgb(255, 255, 255)"
        ink = "getComputedStyle(document.querySelector('{} svg text')).fill"
        assert tab.evaluate(ink.format(plot)) == "rgb(31, 41, 51)"
    tab.emulate_media(reduced_motion="reduce")
    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.parametrize(
    "page", ["index.html", "zh/baseline/deqing/03_beds.html", "en/baseline/huzhou/06_scenarios.html"]
)
def test_axe_finds_nothing_on_a_dark_screen(tab, site: Path, page):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; make site-check installs it")
    tab.emulate_media(color_scheme="dark")
    tab.goto((site / page).as_uri())
    tab.evaluate(OPENED)
    tab.add_script_tag(path=AXE)
    found = tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in found["violations"]] == []


def test_chinese_in_an_english_page_is_marked(tab, site: Path):
    tab.goto((site / "en/baseline/huzhou/01_evidence.html").as_uri())
    left = tab.evaluate(
        """(() => {
            const texts = document.createNodeIterator(document.body, NodeFilter.SHOW_TEXT), left = [];
            for (let text = texts.nextNode(); text; text = texts.nextNode())
                if (/[\u4e00-\u9fff]/.test(text.data)
                    && !text.parentElement.closest("svg, script, pre, [lang|=zh]")) left.push(text.data);
            return left;
        })()"""
    )
    assert left == [] and tab.locator("main [lang=zh-CN]").count() > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_paper_says_on_each_sheet_where_it_comes_from_and_keeps_things_together(tab, published, site: Path, language):
    tab.goto((site / f"{language}/baseline/deqing/06_scenarios.html").as_uri())
    tab.locator("#what-if-norm").fill("56")
    tab.emulate_media(media="print")
    margins = tab.evaluate(
        """[...document.styleSheets].filter((sheet) => !sheet.href).flatMap((sheet) => [...sheet.cssRules])
            .filter((rule) => rule instanceof CSSPageRule).map((rule) => rule.cssText).join(" ")"""
    )
    scenario = published.scenarios["baseline"].label[language]
    area, city = published.label("deqing", language), published.label("huzhou", language)
    run = tab.locator(".site-footer .run").text_content()
    assert all(word in margins for word in (scenario, area, city, run, f"{datetime.now(UTC).year}-"))
    outside = tab.evaluate(
        """[...document.querySelectorAll("main a[href^=http]")]
            .map((one) => getComputedStyle(one, "::after").content)"""
    )
    assert all("://" in content or "attr(" in content for content in outside)
    assert tab.locator("#what-if-norm").is_visible() and tab.locator("#what-if-norm").input_value() == "56"
    assert not tab.locator("#what-if-tool input[type=range]").first.is_visible()
    assert not any(tab.locator(hidden).first.is_visible() for hidden in (".save", ".search", ".permalink", "p.files"))
    for whole in ("figure.chart", ".bench", "table.data"):
        assert tab.locator(whole).first.evaluate("(one) => getComputedStyle(one).breakInside") == "avoid"
    assert tab.locator("h2").first.evaluate("(one) => getComputedStyle(one).breakAfter") == "avoid"


def test_without_a_script_there_is_no_search_box(browser, site: Path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for page in ("index.html", "zh/baseline/deqing/03_beds.html"):
        tab.goto((site / page).as_uri())
        assert tab.locator(SEARCH).count() == 0 and tab.locator("h1").is_visible()
    context.close()
