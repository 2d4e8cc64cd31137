"""The same quantity has the same value, statistic and label wherever it is shown; what has a total adds up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from eldercare.publish.dictionary import tables
from eldercare.report.text import Text, names
from tests.shipped import ROOT

LANGUAGES = ("en", "zh")


@cache
def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def shown(file: Path, caption: str) -> Iterator[list[str]]:
    """Yield the rows of the first table of a page under such a caption, as words."""
    for table in soup(file).find_all("table"):
        if table.caption and re.search(caption, table.caption.get_text()):
            for row in table.tbody.find_all("tr"):
                yield [words(cell) for cell in row.find_all(["th", "td"])]
            return
    raise AssertionError(f"{file}: no table {caption}")


def words(cell: Tag) -> str:
    return re.sub(r"\s+", " ", cell.get_text(" ")).strip()


@pytest.fixture(scope="module")
def texts(published):
    return {language: Text(language, names(published, language)) for language in LANGUAGES}


@pytest.fixture(scope="module")
def beds(published) -> pd.DataFrame:
    """Return the published gaps of all beds by basis, area and year."""
    frame = pd.read_csv(published.root / "outputs" / "tables" / "baseline" / "beds.csv")
    return frame[frame["bed_type"] == "all"].set_index(["basis", "area", "year"])


def gap(t: Text, row: pd.Series, ladder: str) -> tuple[str, str]:
    """Return a gap's mean and interval as pages write them."""
    return t.rounded(row[f"gap_{ladder}_mean"]), t.interval(row[f"gap_{ladder}_p10"], row[f"gap_{ladder}_p90"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_has_the_published_gaps_and_those_of_the_counties_add_up(published, site, texts, beds, language):
    t, city = texts[language], published.city
    rows = list(
        shown(site / {"en": "index.html", "zh": "index-zh.html"}[language], "Beds missing by area|各地区床位缺口")
    )
    assert [row[0] for row in rows] == [published.label(area, language) for area in published.areas]
    columns = [("registered", 2026), ("registered", city.near_year), ("resident", city.near_year)]
    for area, row in zip(published.areas, rows, strict=True):
        for cell, (basis, year) in zip(row[4:], [*columns, ("registered", city.target_year)], strict=True):
            found = [beds.loc[basis, area, year][f"gap_ratio_{part}"] for part in ("mean", "p10", "p90")]
            mean, *ends = (t.rounded(value, beside=found) for value in found)
            interval = t("page.from_to", low=ends[0], high=ends[1])
            assert re.search(rf"(^|\s){re.escape(mean)}\s*[(（]{re.escape(interval)}[)）]", cell), (
                area,
                basis,
                year,
                cell,
            )
    for basis in ("registered", "resident"):
        parts = [beds.loc[basis, area, city.target_year]["gap_ratio_mean"] for area in published.counties]
        assert sum(parts) == pytest.approx(beds.loc[basis, city.id, city.target_year]["gap_ratio_mean"], abs=1e-4)


@pytest.mark.parametrize(("language", "area"), [("en", "huzhou"), ("en", "deqing"), ("zh", "huzhou"), ("zh", "deqing")])
def test_overview_beds_and_scenarios_say_the_same_gap(published, site, texts, beds, language, area):
    t, folder, target = texts[language], site / language / "baseline" / area, published.city.target_year
    row = beds.loc["registered", area, target]
    five = list(shown(folder / "00_overview.html", "in five numbers|的五个数字"))
    whole = {"ratio": "by the norm|（按标准", "need": "by care need|（按照护需求"}
    for ladder, label in whole.items():
        found = [row[f"gap_{ladder}_{part}"] for part in ("mean", "p10", "p90")]
        mean, low, high = (t.rounded(value, beside=found) for value in found)
        (cell,) = [cells[-1] for cells in five if re.search(label, cells[0])]
        assert cell == t("overview.value", mean=mean, low=low, high=high)
    (of_beds,) = [
        cells
        for cells in shown(folder / "03_beds.html", "Gap of|床位缺口（张）")
        if cells[0].startswith(str(target)) and cells[1] in ("All beds", "全部床位")
    ]
    for cell, ladder in zip(of_beds[3:], whole, strict=True):
        said = t.number(row[f"gap_{ladder}_mean"]), gap(t, row, ladder)[1]
        assert cell == " ".join(said), (cell, said)
    results = list(shown(folder / "06_scenarios.html", "Results by scenario|各情景结果|各情景.*结果"))
    (own,) = [cells for cells in results if cells[0] == published.scenarios["baseline"].label[language]]
    for ladder in whole:
        assert any(" ".join((t.number(row[f"gap_{ladder}_mean"]), gap(t, row, ladder)[1])) == cell for cell in own), own


def test_the_answer_has_one_wording_on_front_overview_and_beds(site):
    for language, front in (("en", "index.html"), ("zh", "index-zh.html")):
        answers = {
            file.stem: words(soup(file).select_one(".answer"))
            for file in (
                site / front,
                site / language / "baseline" / "huzhou" / "00_overview.html",
                site / language / "baseline" / "huzhou" / "03_beds.html",
            )
        }
        assert answers["00_overview"] == answers["03_beds"]
        assert answers[front.removesuffix(".html")].endswith(answers["03_beds"])


def test_the_workbook_holds_the_numbers_of_the_tables(published):
    for scenario in ("baseline", "hold_the_norm"):
        folder = published.root / "outputs" / "tables"
        book = openpyxl.load_workbook(BytesIO((folder / f"{scenario}.xlsx").read_bytes()), read_only=True)
        for name in set(tables()) - {"population"}:  # it holds fewer years, see tests/publish/test_tables.py
            frame = pd.read_csv(folder / scenario / f"{name}.csv")
            # Two rows of meanings stand above the names.
            sheet = pd.DataFrame(list(book[name].iter_rows(min_row=4, values_only=True)))
            for place, column in enumerate(frame):
                if frame[column].dtype == float:
                    values = pd.to_numeric(sheet[place], errors="coerce")
                    assert values.to_numpy() == pytest.approx(frame[column].to_numpy(), abs=6e-3, nan_ok=True), column


def test_the_readme_says_what_the_tables_say():
    said = (ROOT / "README.md").read_text(encoding="utf-8")
    frame = pd.read_csv(ROOT / "tests" / "golden" / "files" / "tables" / "baseline" / "beds.csv")
    rows = frame.query("area == 'huzhou' and bed_type == 'all'").set_index(["basis", "year"])
    own, other = rows.loc["registered", 2030], rows.loc["resident", 2030]
    t = Text("en")
    low, mean, high = (t.rounded(own[f"gap_ratio_{part}"]) for part in ("p10", "mean", "p90"))
    assert f"about {mean} beds (80% interval {low} to {high}); counting all who live there, " in said
    assert f"counting all who live there, {t.rounded(other['gap_ratio_mean'])}." in said
    assert f"about {round(own['beds_per_1000'])} in 2030" in said
