"""Briefs: two pages in Word or PDF whose numbers are those of the published tables, in both languages."""

from __future__ import annotations

import json
import re
import shutil
import sys
import zlib
from html import unescape
from pathlib import Path

import docx
import pytest
import typst
from docx.document import Document
from docx.oxml.ns import qn

from eldercare.inputs import load_project
from eldercare.model import Results
from eldercare.publish.brief import write_briefs
from eldercare.publish.fonts import strange
from eldercare.report.text import Text
from tests.site.faults import ASKED, here, set_run, small_project

AREAS = ("huzhou", "deqing")


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small project with briefs of the city and a county in both languages."""
    project = small_project(root, tmp_path_factory.mktemp("briefs") / "project")
    status, out, error = here(project, "brief", "--area", *AREAS)
    assert (status, error) == (0, "")
    assert out.split() == [f"outputs/briefs/{area}-baseline-{n}.docx" for area in AREAS for n in ("zh", "en")]
    return project


@pytest.fixture(params=[(area, language) for area in AREAS for language in ("en", "zh")], ids="-".join)
def asked(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


@pytest.fixture
def brief(project: Path, asked: tuple[str, str]) -> Document:
    """Return one of them, as Word opens it."""
    return docx.Document(str(project / "outputs" / "briefs" / f"{asked[0]}-baseline-{asked[1]}.docx"))


def rows(brief: Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in brief.tables[table].rows]


def test_its_numbers_are_those_of_the_tables(project, brief, asked):
    area, language = asked
    t = Text(language)
    results = Results(area, project=load_project(project))
    beds = results.beds[results.beds["bed_type"] == "all"].set_index("year")
    head, *years = rows(brief, 0)
    assert [int(row[0]) for row in years] == [2020, 2025, 2028, 2030] and len(head) == 6
    for year, people, supply, per, *gaps in years:
        row = beds.loc[int(year)]
        assert [people, supply, per] == [t.number(row[n]) for n in ("elders_60plus", "supply", "beds_per_1000")]
        for gap, name in zip(gaps, ("ratio", "need"), strict=True):
            mean, low, high = (row[f"gap_{name}_{part}"] for part in ("mean", "p10", "p90"))
            assert gap == f"{t.number(mean)}\n{t('page.from_to', low=t.number(low), high=t.number(high))}"
    _head, *items = rows(brief, 1)
    opened = results.plan.query("2027 <= year <= 2030").groupby("item", sort=False)["to_open"].sum()
    assert [row[-1] for row in items] == [t.number(n) for n in opened.loc[results.plan["item"].unique()]]


def test_it_has_an_answer_a_picture_a_plan_and_sources_in_order_and_no_markup(brief, asked):
    area, language = asked
    headings = [one.text for one in brief.paragraphs if one.style and one.style.name == "Heading 1"]
    expected = {
        "en": ["enough", "expected", "open", "first", "Sources"],
        "zh": ["满足", "测算", "建设", "先做", "来源"],
    }
    assert len(headings) == 5
    assert all(word in heading for word, heading in zip(expected[language], headings, strict=True))
    (picture,) = brief.inline_shapes
    finding = picture._inline.docPr.get("descr")
    assert "50" in finding and len(finding) > 40
    cells = [cell for n in range(len(brief.tables)) for row in rows(brief, n) for cell in row]
    for text in [finding, *cells, *(one.text for one in brief.paragraphs)]:
        assert not re.search(r"<\w|&\w+;|&#|\{|\bnan\b", text), text
    # The counties stand beside each other on the city's only.
    assert len(brief.tables) == (3 if area == "huzhou" else 2)


def test_it_prints_on_a4_with_origin_and_numbers_of_pages_and_repeats_the_heads_of_tables(brief, asked):
    page = brief.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    origin = page.header.paragraphs[0].text
    assert {"en": "Baseline", "zh": "基准情景"}[asked[1]] in origin and re.search(r"\d{4}-\d\d-\d\d", origin)
    (number,) = page.footer._element.iter(qn("w:fldSimple"))
    assert number.get(qn("w:instr")) == "PAGE"
    for table in brief.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        widths = [sum(cell.width for cell in row.cells) for row in table.rows]
        assert max(widths) <= page.page_width - page.left_margin - page.right_margin
    fonts = brief.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体" and fonts.get(qn("w:ascii")) == "Calibri"


def test_pages_link_the_brief_until_the_inputs_have_changed(project, tmp_path):
    copy, name = shutil.copytree(project, tmp_path / "project"), "deqing-baseline-en.docx"
    page, site = copy / "outputs/site/en/baseline/deqing/03_beds.html", copy / "outputs/site/briefs"
    assert here(copy, *ASKED, "-q") == (0, "", "")
    assert f'<a href="../../../briefs/{name}">Brief (Word)</a>' in page.read_text(encoding="utf-8")
    made = copy / "outputs/briefs" / name
    assert (site / name).read_bytes() == made.read_bytes()
    assert here(copy, "verify")[0] == 0
    # Made anew, it takes the place of the one before; of other inputs, it is of the past.
    assert here(copy, "brief", "--area", "deqing", "--language", "en")[0] == 0
    assert here(copy, *ASKED, "-q")[0] == 0
    assert (site / name).read_bytes() == made.read_bytes()
    set_run(copy, "seed", 7)
    assert here(copy, *ASKED, "-q")[0] == 0
    assert "Brief (Word)" not in page.read_text(encoding="utf-8") and not site.exists()


# ---- PDF


@pytest.fixture(scope="module")
def laid_out(project: Path) -> dict[tuple[str, str], tuple[bytes, dict, str]]:
    """Return for each of them the PDF, the description it was made from, and the same layout as HTML, for its text."""
    found, real = {}, typst.compile

    def seen(main: Path, output: None, root: Path, fonts: typst.Fonts, alone: bool, kind: str, **how) -> bytes:
        assert alone, "fonts of the machine would make another PDF elsewhere"
        brief = json.loads((root / "brief.json").read_text(encoding="utf-8"))
        pdf = real(main, output, root, fonts, alone, kind, **how)
        text = unescape(real(main, None, root, fonts, alone, "html").decode())
        found[brief["language"], brief["title"]] = pdf, brief, text
        return pdf

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typst, "compile", seen)
        files = write_briefs(load_project(project), AREAS, "baseline", ["zh", "en"], "pdf")
    assert [file.read_bytes() for file in files] == [pdf for pdf, *_others in found.values()]
    return dict(zip([(area, n) for area in AREAS for n in ("zh", "en")], found.values(), strict=True))


def said(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_word_and_pdf_say_the_same(laid_out, brief, asked):
    _pdf, described, html = laid_out[asked]
    body = said(
        re.sub(r"<(?:br|/?(?:p|h\d|t[dhr]|figcaption))\b[^>]*>", "\n", re.sub(r"<(?:img|style)[^>]*>", "", html))
    )
    parts = [part for section in described["sections"] for part in section["parts"]]
    in_pdf = [section["heading"] for section in described["sections"]]
    in_pdf += [part.get("text") or part["title"] for part in parts]
    assert all(said(text) in body for text in in_pdf)
    assert {*in_pdf, described["title"]} == {one.text for one in brief.paragraphs if one.text}
    tables = [[part["head"], *part["rows"]] for part in parts if part["kind"] == "table"]
    assert tables == [rows(brief, n) for n in range(len(brief.tables))]
    assert re.findall(r"<t[dh]>(.*?)</t[dh]>", html) == [
        cell.replace("\n", "<br>") for table in tables for line in table for cell in line
    ]


def test_a_pdf_has_two_pages_of_a4_is_tagged_and_holds_its_fonts(laid_out, asked):
    pdf, described, _html = laid_out[asked]
    unpacked = pdf
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            unpacked += zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue
    assert len(re.findall(rb"/Type\s*/Page\b", unpacked)) == 2
    assert len(re.findall(rb"/MediaBox\s*\[0 0 595\.27\d* 841\.8\d*\]", unpacked)) == 2
    for tag in (rb"/Marked true", rb"/S/H1", rb"/S/H2", rb"/S/TH", rb"/S/Caption", rb"/Alt"):
        assert tag in unpacked, tag
    assert b"pdfuaid:part" in unpacked and (b"zh-CN" if asked[1] == "zh" else b"en-GB") in unpacked
    # No box stands for a letter: the fonts that it holds have every character.
    texts = json.dumps(described, ensure_ascii=False)
    assert list(strange({"brief": set(texts)})) == []
    named = {name.split(b"+")[-1] for name in re.findall(rb"/FontName\s*/([\w+-]+)", unpacked)}
    assert named and all(name.startswith((b"NotoSansCJKsc", b"DejaVuSans")) for name in named), named
    assert len(pdf) < 400_000


def test_without_typst_one_line_says_what_to_install(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "eldercare.publish.pdf", raising=False)
    status, _out, error = here(project, "brief", "--area", "deqing", "--to", "pdf")
    assert status == 2 and error == "--to: 'pdf': needs the package typst: pip install 'eldercare[pdf]'\n"
    status, _out, error = here(project, "brief", "--to", "pfd")
    assert status == 2 and "did you mean pdf?" in error


def test_wrong_names_are_told_and_nothing_is_written(project):
    before = sorted((project / "outputs" / "briefs").iterdir())
    status, _out, error = here(project, "brief", "--area", "deqin")
    assert status == 2 and "did you mean deqing?" in error and len(error.splitlines()) == 1
    status, _out, error = here(project, "brief", "--scenario", "base")
    assert status == 2 and "did you mean baseline?" in error
    assert sorted((project / "outputs" / "briefs").iterdir()) == before


def test_a_folder_that_cannot_be_written_is_one_line(project, tmp_path):
    other = shutil.copytree(project, tmp_path / "other", ignore=shutil.ignore_patterns("outputs"))
    (other / "outputs").mkdir()
    (other / "outputs" / "briefs").write_text("in the way")
    status, _out, error = here(other, "brief", "--area", "deqing", "--language", "en")
    assert status == 2 and error.startswith("outputs/briefs/deqing-baseline-en.docx: cannot be written: ")
    assert len(error.splitlines()) == 1
