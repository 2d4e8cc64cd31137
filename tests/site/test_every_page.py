"""Every page of the published site (that in ELDERCARE_PUBLISHED, if given): there, well made, linked, offline."""

from __future__ import annotations

import html
import itertools
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

from fontTools.ttLib import TTFont
from lxml import etree
from lxml.html import document_fromstring

from tests.site.conftest import is_made


class Reader:
    """What the tests look at; lxml reads a thousand pages in a third of the time that Python's own parser takes."""

    def __init__(self, text: str):
        self.links, self.outside, self.resources, self.ids, self.headings, self.svgs, self.language = (
            [],
            [],
            [],
            [],
            [],
            [],
            "",
        )
        self.titles = 0
        for element in document_fromstring(text).iter(etree.Element):
            self.note(element.tag, dict(element.attrib))

    def note(self, tag, given):
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if re.match(r"(https?:)?//", given["href"]):
                self.outside.append(given)
        for name in ("src", "srcset", "data", "poster"):
            if name in given and tag != "a":
                self.resources.append(given[name])
        if tag == "link":
            self.resources.append(given["href"])
        if tag == "html":
            self.language = given["lang"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg":
            self.svgs.append(given)
        self.titles += tag == "title"


@cache
def read(file: Path) -> Reader:
    """Return what a page of the published site holds; those that a test changes are not read here."""
    return Reader(file.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_shipped_scenario_area_and_notebook_has_its_page_and_notebook(published, site):
    areas = (published.city.id, *published.counties)
    notebooks = [file.stem for file in published.root.glob("notebooks/*.ipynb")]
    for scenario, area, notebook in itertools.product(published.scenarios, areas, notebooks):
        if is_made(scenario, area, notebook):
            # What a scenario does not change stands under the baseline alone.
            stems = [f"en/{name}/{area}/{notebook}" for name in dict.fromkeys((scenario, "baseline"))]
            found = [stem for stem in stems if (site / f"{stem}.html").is_file()]
            assert found and (site.parent / "notebooks" / f"{found[0]}.ipynb").is_file(), stems
    assert (site / "zh" / "baseline" / "deqing" / "03_beds.html").is_file()


def test_pages_are_well_made(site):
    for file in pages(site):
        page = read(file)
        assert page.headings[0] == 1 and page.headings.count(1) == 1, file
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False)), file
        assert len(page.ids) == len(set(page.ids)), (file, [i for i in page.ids if page.ids.count(i) > 1][:3])
        assert page.language == (
            "zh-CN" if "zh" in file.relative_to(site).parts or file.name.endswith("-zh.html") else "en"
        )
        assert all(svg.get("role") == "img" and svg.get("aria-labelledby") for svg in page.svgs), file
        assert file.stat().st_size < 400_000, file


def test_no_page_asks_another_host_for_anything(site):
    for file in pages(site):
        text = file.read_text(encoding="utf-8")
        for resource in read(file).resources:
            assert not re.match(r"(https?:)?//", resource), (file, resource)
        # A reader may follow a source's address; it is a plain link that does not tell where the reader came from.
        assert all(link.get("rel") == "noreferrer" for link in read(file).outside), file
        scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.S)
        for given, body in scripts:
            # Data, or a script of the site: no code stands in a page.
            is_own = re.fullmatch(
                r' src="(\.\./\.\./\.\./)?assets/(site|narrow|what-if|words-(en|zh))\.js" defer', given
            )
            assert 'type="application/json"' in given or is_own, (file, given)
            assert 'type="application/json"' in given or not body
        assert text.count("<script") == len(scripts)
        assert not re.search(r"<[^>]*\son[a-z]+\s*=|javascript:", text), file
        assert "@import" not in text, file
    assert not re.search(r"url\(['\"]?(https?:)?//", (site / "assets" / "site.css").read_text(encoding="utf-8"))


def test_every_link_leads_to_a_file_and_a_place_in_it(site):
    ids = {file: set(read(file).ids) for file in pages(site)}
    for file in pages(site):
        page = read(file)
        for link in [*page.links, *page.resources]:
            if link.startswith(("http://", "https://", "data:")):
                continue
            path, fragment = urldefrag(unquote(link))
            target = (file.parent / path).resolve() if path else file
            assert target.is_file(), (file, link)
            if fragment and target in ids:
                assert fragment in ids[target], (file, link)


def test_the_web_fonts_have_every_character_of_the_pages(site):
    shown = set("".join(html.unescape(re.sub(r"<[^>]+>", "", f.read_text(encoding="utf-8"))) for f in pages(site)))
    sheet = (site / "assets" / "site.css").read_text(encoding="utf-8")
    for weight in (400, 700):
        faces = re.findall(rf'font-weight: {weight};.*?url\("(fonts/[^"]+)"\)', sheet, re.S)
        covered = [set(map(chr, TTFont(site / "assets" / name).getBestCmap())) for name in faces]
        assert len(covered) == 2
        assert shown - set("\n\t") - set.union(*covered) == set(), faces


def test_a_chinese_sentence_has_one_notation_of_its_counts(site):
    drawn = re.compile(r"<(svg|script|style|table|details)\b.*?</\1>", re.S)
    for page in pages(site / "zh"):
        text = drawn.sub("", page.read_text(encoding="utf-8"))
        for block in re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", text, re.S):
            for sentence in re.sub(r"<[^>]+>", "", block).split("。"):
                plain = re.findall(r"(?<![\d.,—])\d[\d,]*(?:张|人|份)", sentence)
                assert not (plain and re.search(r"\d万", sentence)), (page, sentence)


def test_chinese_pages_hold_no_three_english_words_in_a_row(site):
    unread = re.compile(
        r'<(script|style|code|pre)\b.*?</\1>|<details class="how">.*?</details>|<td lang="en">.*?</td>', re.S
    )
    for file in [*sorted((site / "zh").rglob("*.html")), *site.glob("*-zh.html")]:
        text = re.sub(r"<[^>]*>", "\n", unread.sub("", file.read_text(encoding="utf-8")))
        assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", html.unescape(text)) == [], file


def test_every_page_is_one_click_from_how_sure_and_where_from(site):
    for file in sorted((site / "en").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert 'href="#provenance"' in text, file
        for topic in ("07_reliability", "01_evidence"):
            if file.stem != topic and file.with_name(f"{topic}.html").is_file():
                assert f"{file.parent.name}/{topic}.html" in text, file
