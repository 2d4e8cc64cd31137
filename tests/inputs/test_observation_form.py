"""Counts of later years by way of a workbook: nothing is lost, and what is spoiled gets a line with sheet and cell."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from eldercare.cli import main
from eldercare.inputs import InputError, load_project
from eldercare.inputs.forms import COLUMNS, export_observations, import_observations
from tests.site.conftest import copy_of

SHEET, NAMES = "历年数据 Counts", [*COLUMNS["observations"]]
ROWS = """huzhou,2024,beds_total,41000,beds,true,SEED,table 2,official,
deqing,2024,beds_total,8100,beds,true,SEED,table 3,official,
deqing,2023,meal_points,212.5,points,false,SEED,table 4,news,"half a point, as printed"
"""


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the inputs."""
    return copy_of(root, tmp_path_factory.mktemp("form") / "project")


@pytest.fixture(scope="module")
def exported(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the workbook with three counts filled in."""
    file = tmp_path_factory.mktemp("form") / "form.xlsx"
    export_observations(load_project(copy), file)
    book = openpyxl.load_workbook(file)
    for number, line in enumerate(csv.reader(io.StringIO(ROWS)), start=2):
        for n, cell in enumerate(line, start=1):
            book[SHEET].cell(number, n, float(cell) if n in (2, 4) else cell or None)
    book.save(content := io.BytesIO())
    return content.getvalue()


def row(number: int, **values: object) -> Callable[[Workbook], None]:
    """Return the change of a row; 2 to 4 are filled in, the next ones are empty."""

    def change(book: Workbook) -> None:
        for name, value in values.items():
            book[SHEET].cell(number, NAMES.index(name) + 1).value = value

    return change


def brought(content: bytes, change: Callable[[Workbook], object], folder: Path) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    book.save(folder / "form.xlsx")
    return folder / "form.xlsx"


NEW = {
    "area": "安吉县",
    "year": 2024,
    "indicator": "养老床位总数",
    "value": 6400,
    "unit": "beds",
    "used": "是 true",
    "source_id": "SEED",
    "locator": "表5",
    "quality": "official",
}
STORED = "anji,2024,beds_total,6400,beds,true,SEED,表5,official,"


def test_counts_are_added_to_the_table_as_they_stand_in_the_workbook(copy, exported, tmp_path, monkeypatch, capsys):
    table = shutil.copytree(copy, tmp_path / "p") / "data/raw/observations.csv"
    monkeypatch.setenv("ELDERCARE_ROOT", str(tmp_path / "p"))
    before = table.read_text(encoding="utf-8")
    assert main(["export", "observations", str(tmp_path / "empty.xlsx")]) == 0
    assert capsys.readouterr().out.endswith(f"then: eldercare import observations {tmp_path / 'empty.xlsx'}\n")
    assert main(["import", "observations", str(brought(exported, lambda book: None, tmp_path))]) == 0
    said = capsys.readouterr().out
    assert said == "data/raw/observations.csv is written: 3 counts are added; then: eldercare run\n"
    assert table.read_text(encoding="utf-8") == before + ROWS and main(["check"]) == 0
    # Once more is a fault, at the cells of the workbook.
    assert main(["import", "observations", str(tmp_path / "form.xlsx")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "Counts!A2: area, year, indicator, source_id = 'huzhou / 2024 / beds_total" in lines[0]


@pytest.mark.parametrize(
    "values",
    [
        {"value": "６４００", "year": "２０２４"},
        {"value": " 6400\u3000"},
        {"value": 6400.0, "area": "anji", "indicator": "beds_total"},
        {"unit": "张", "used": "是", "quality": "主管部门公布 official"},
        {"area": "安吉县 anji", "locator": " 表5\ufeff "},
    ],
)
def test_what_can_be_understood_is(copy, exported, tmp_path, values):
    target = shutil.copytree(copy, tmp_path / "p") / "data/raw/observations.csv"
    import_observations(load_project(tmp_path / "p"), brought(exported, row(9, **NEW | values), tmp_path))
    assert target.read_text(encoding="utf-8").splitlines()[-1] == STORED


SPOILED = {
    "a date for a year": (row(2, year=date(2024, 12, 31)), "Counts!B2: year = '2024-12-31': not a whole number"),
    "a year in words": (
        row(2, year="2024年"),
        "Counts!B2: year = '2024年': not a whole number such as 1207 (did you mean 2024?)",
    ),
    "a year to come": (row(2, year=2035), "Counts!B2: year = 2035: a count is of 2026 or before"),
    "text for a number": (row(2, value="约4万"), "Counts!D2: value = '约4万': not a plain number"),
    "a unit behind it": (
        row(2, value="41000张"),
        "Counts!D2: value = '41000张': not a plain number such as 37.6 (did you mean 41000?)",
    ),
    "a percentage": (row(2, value="45%"), "Counts!D2: value = '45%': not a plain number"),
    "below nothing": (row(2, value=-5), "Counts!D2: value = '-5': below the minimum 0"),
    "an unknown area": (row(2, area="德青县"), "Counts!A2: area = '德青县': allowed are huzhou"),
    "an unknown indicator": (row(2, indicator="床位"), "Counts!C2: indicator = '床位': allowed are beds_total"),
    "the unit of another": (row(2, unit="个"), "Counts!E2: unit = 'points': beds_total is given in beds"),
    "neither yes nor no": (row(2, used="或许"), "Counts!F2: used = '或许': allowed are true, false"),
    "an unknown source": (
        row(2, source_id="SEEED"),
        "Counts!G2: source_id = 'SEEED': not in data/raw/sources.csv (did you mean SEED?)",
    ),
    "no place": (row(2, locator=None), "Counts!H2: locator: empty; a value is required here"),
    "the same twice": (
        row(5, **NEW | {"area": "deqing"}),
        "Counts!A5: area, year, indicator, source_id = 'deqing / 2024 / beds_total / SEED': the same",
    ),
    "more than the city has": (row(3, value=99999), "data/raw/observations.csv: supply.institution_beds = "),
    "a column renamed": (lambda b: b[SHEET].cell(1, 8, "页码"), "Counts!A1: 页码: not a column of this table;"),
    "the headings lost": (lambda b: b[SHEET].delete_rows(1), "Counts!A1: no table of this workbook"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_workbook_gets_a_line_with_sheet_and_cell_and_changes_nothing(copy, exported, tmp_path, case):
    change, line = SPOILED[case]
    before = (copy / "data/raw/observations.csv").read_bytes()
    with pytest.raises(InputError) as told:
        import_observations(load_project(copy), brought(exported, change, tmp_path))
    lines = str(told.value).splitlines()
    assert any(line in one for one in lines), lines
    assert len(lines) <= 4 and (copy / "data/raw/observations.csv").read_bytes() == before
