"""A scenario by way of a workbook: nothing is lost on the way, and what is spoiled gets a line with sheet and cell."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from eldercare.cli import main
from eldercare.inputs import InputError, Project, load_project
from eldercare.inputs.forms import COLUMNS as KINDS
from eldercare.inputs.forms import export_parameters, import_scenario
from eldercare.inputs.scenarios import Scenario
from tests.site.conftest import copy_of

BEDS, COVER, SOURCES = "床位 Beds", "情景 Scenario", "来源 Sources"
COLUMNS = [*KINDS["parameters"]]
Change = Callable[[Workbook], object]


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the inputs, for what is imported; what is refused leaves it as it is."""
    return copy_of(root, tmp_path_factory.mktemp("form") / "project")


@pytest.fixture(scope="module")
def project(copy: Path) -> Project:
    return load_project(copy)


@pytest.fixture(scope="module")
def filled(project: Project, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the baseline's workbook with a sound change; of the parameters it keeps those of beds."""
    file = tmp_path_factory.mktemp("form") / "form.xlsx"
    export_parameters(project, file, "baseline", project.city.id)
    book = openpyxl.load_workbook(file)
    for name in set(book.sheetnames) - {BEDS, COVER, SOURCES}:
        del book[name]
    for column, text in enumerate(["filled", "填报", "Filled in", "一句话。", "One sentence."], start=1):
        book[COVER].cell(2, column, text)
    put("beds.norm", value=55, why_zh="市里要求提高标准。")(book)
    # What only guides the hand, and most sources, would make a hundred copies slow.
    book[BEDS].data_validations.dataValidation.clear()
    book[SOURCES].delete_rows(8, 400)
    for row in book[BEDS]:
        row[0].comment = None
    book.save(content := io.BytesIO())
    return content.getvalue()


def at(book: Workbook, key: str, column: str) -> Cell:
    """Return the cell of a parameter in a column."""
    n = COLUMNS.index(column) + 1
    return book[BEDS].cell(next(cell.row for cell in book[BEDS]["A"] if cell.value == key), n)


def put(key: str, /, **values: object) -> Change:
    """Return the change of cells of a parameter's row."""

    def change(book: Workbook) -> None:
        for column, value in values.items():
            at(book, key, column).value = value

    return change


def cover(column: int, value: object) -> Change:
    return lambda book: setattr(book[COVER].cell(2, column), "value", value)


def added(**values: object) -> Change:
    """Return the change that fills in the first empty row."""

    def change(book: Workbook) -> None:
        row = next(cell.row for cell in book[BEDS]["A"] if not cell.value)
        for column, value in values.items():
            book[BEDS].cell(row, COLUMNS.index(column) + 1, value)

    return change


def head(column: str, value: object) -> Change:
    return lambda book: book[BEDS].cell(1, COLUMNS.index(column) + 1, value)


def many(*changes: Change) -> Change:
    return lambda book: [change(book) for change in changes]


def percent(value: object) -> Change:
    """Return the change of a share, in a cell that shows per cent."""

    def change(book: Workbook) -> None:
        put(SHARE, value=value, **GROUND)(book)
        at(book, SHARE, "value").number_format = "0%"

    return change


def brought(project: Project, content: bytes, change: Change, folder: Path, name: str = "form.xlsx") -> Path:
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    book.save(folder / name)
    return folder / name


def stated(scenario: Scenario) -> dict[object, object]:
    """Return all that a scenario states."""
    return {(part, part): getattr(scenario, part) for part in ("label", "description")} | {
        (path, key): [(name, getattr(change, name)) for name in sorted(change.model_fields_set)]
        for path, operations in scenario.operations.items()
        for key, change in operations.items()
    }


SHARE = "beds.norm_institution_share"
GROUND = {"why_en": "A reason.", "source": "SEED", "locator": "table 3", "evidence": "official"}


# ---- nothing is lost


@pytest.mark.parametrize("name", [*load_project().scenarios])
def test_a_shipped_scenario_is_the_same_after_the_way_through_a_workbook(project, tmp_path, name):
    first, again = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    assert export_parameters(project, first, name, project.city.id) == []
    if name == "baseline":
        with pytest.raises(InputError, match=r"a\.xlsx: nothing is filled in: no new value in any row"):
            import_scenario(project, first, False)
        return
    book = openpyxl.load_workbook(first)
    cover(1, "again")(book)
    book.save(first)
    said = import_scenario(project, first, False)
    assert said.startswith("config/scenarios/again.yaml is written: ") and said.endswith(
        "eldercare run --scenario again"
    )
    after = load_project(project.root)
    assert stated(after.scenarios["again"]) == stated(project.scenarios[name])
    export_parameters(after, again, "again", project.city.id)
    books = [openpyxl.load_workbook(file, read_only=True) for file in (first, again)]
    cells = [[(s.title, *row) for s in book for row in s.iter_rows(values_only=True)] for book in books]
    assert cells[0] == cells[1]
    (project.root / "config/scenarios/again.yaml").unlink()


def test_what_a_workbook_cannot_say_is_told(copy, tmp_path):
    file = shutil.copytree(copy, tmp_path / "p") / "config/scenarios/planned_pipeline.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "set: steady\n", "set: planned\n    opens: {institution: {'2028': 9}}\n"
    )
    file.write_text(text, encoding="utf-8")
    (told,) = export_parameters(load_project(tmp_path / "p"), tmp_path / "x.xlsx", "planned_pipeline", "deqing")
    assert re.fullmatch(
        r"config/scenarios/planned_pipeline.yaml:\d+: opens: units that open by year are not .*", str(told)
    )


def test_the_workbook_shows_what_is_in_force_and_opens_only_what_is_to_be_filled_in(project, tmp_path):
    export_parameters(project, tmp_path / "x.xlsx", "planned_pipeline", "deqing")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert at(book, "supply.beds_per_year", "now").value == 274 and at(book, "supply.plan", "value").value == "steady"
    keys = [cell.value for sheet in book.worksheets[1:-1] for cell in sheet["A"][1:] if cell.value]
    assert set(keys) == set(project.parameters) and len(keys) == len(project.parameters) + len(project.counties) - 1
    sheet: Worksheet = book[BEDS]
    assert all(one.protection.sheet and not one.protection.password for one in book)
    is_open = {name: not at(book, "beds.norm", name).protection.locked for name in COLUMNS}
    assert is_open == {name: n >= COLUMNS.index("area") for n, name in enumerate(COLUMNS)}
    rules = {str(r.sqref): r for r in sheet.data_validations.dataValidation}
    norm, plan = at(book, "beds.norm", "value"), at(book, "supply.plan", "value")
    (bounds,) = (rule for where, rule in rules.items() if where.startswith(f"{norm.coordinate}:"))
    assert (float(bounds.formula1), float(bounds.formula2), bounds.error) == (1, 200, "1 to 200")
    (choice,) = (rule for where, rule in rules.items() if where.startswith(plan.coordinate))
    assert choice.formula1 == f'"{",".join(project.parameters["supply.plan"].choices)}"'
    source = re.fullmatch(rf"'{SOURCES}'!\$A\$2:\$A\$(\d+)", rules[f"M2:M{sheet.max_row}"].formula1)
    offered = [book[SOURCES].cell(row, 1).value for row in range(2, int(source[1]) + 1)]
    assert offered == ["none", *project.sources]
    assert project.parameters["beds.norm"].meaning["zh"] in at(book, "beds.norm", "key").comment.text


# ---- as spreadsheet programs save it, and people write: right


RIGHT: dict[str, tuple[Change, str, object]] = {
    "full-width digits": (put("beds.norm", value="４５"), "beds.norm", 45),
    "a cell that shows per cent": (percent(0.45), SHARE, 0.45),
    "a number kept as text": (put("beds.norm", value="55"), "beds.norm", 55),
    "a mark of byte order": (put("beds.norm", value="\ufeff56"), "beds.norm", 56),
    "characters that are not seen": (put("beds.norm", why_en="a\u202eb\x7f"), "beds.norm", 55),
    "spaces round it": (put("beds.norm", value=" 56\u3000"), "beds.norm", 56),
    "a choice in capitals": (put("supply.plan", value="Frozen ", **GROUND), "supply.plan", "frozen"),
    "not reported": (put("supply.meal_points", value="无", **GROUND), "supply.meal_points", None),
    "multiplied, in Chinese": (put("beds.norm", how="乘以", value=1.1), "beds.norm", 1.1),
    "added, in English": (put("beds.norm", how="add to", value=-5), "beds.norm", -5),
    "an evidence in Chinese": (put("beds.norm", evidence="政策", source="SEED", locator="表3"), "beds.norm", 55),
    "a title above": (
        lambda b: (b[BEDS].insert_rows(1, 2), b[BEDS].merge_cells("A1:F1"), b[BEDS].cell(1, 1, "表1"))[0],
        "beds.norm",
        55,
    ),
    "a sheet under another name": (lambda b: setattr(b[BEDS], "title", "新表"), "beds.norm", 55),
    "sheets in another order": (lambda b: b.move_sheet(BEDS, 5), "beds.norm", 55),
    "a column moved": (many(head("locator", "依据等级"), head("evidence", "出处")), "beds.norm", 55),
    "a heading in one language": (head("value", "new value"), "beds.norm", 55),
    "empty rows and columns behind": (lambda b: b[BEDS].cell(400, 60, " "), "beds.norm", 55),
    "rows sorted otherwise": (lambda b: b[BEDS].move_range("A2:N2", rows=60), "beds.norm", 55),
    "no sheet of sources": (lambda b: b.remove(b[SOURCES]), "beds.norm", 55),
    "a row of one's own": (added(key="beds.turned_away", value=0.1, why_en="why"), "beds.turned_away", 0.1),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_can_be_understood_is(project, filled, tmp_path, case):
    change, key, value = RIGHT[case]
    said = import_scenario(project, brought(project, filled, change, tmp_path), False)
    assert said.startswith("config/scenarios/filled.yaml is written")
    scenario = load_project(project.root).scenarios["filled"]
    assert scenario.changes[key].operand == value and scenario.changes["beds.norm"].why["en"]
    (project.root / "config/scenarios/filled.yaml").unlink()


def test_what_is_left_out_is_an_assumption_whose_place_is_the_cell(project, filled, tmp_path):
    import_scenario(project, brought(project, filled, put("beds.norm", area="安吉县", value=60), tmp_path), False)
    scenario = load_project(project.root).scenarios["filled"]
    (change,) = scenario.county_changes["anji"].values()
    assert (change.source, change.evidence, change.locator) == ("none", "assumption", "form.xlsx:床位 Beds!H2")
    assert scenario.changes == {} and scenario.label == {"zh": "填报", "en": "Filled in"}
    assert change.why == {"zh": "市里要求提高标准。", "en": "市里要求提高标准。"}
    with pytest.raises(InputError) as told:
        import_scenario(load_project(project.root), brought(project, filled, lambda book: None, tmp_path), False)
    assert str(told.value).endswith(
        "form.xlsx:情景 Scenario!A2: scenario = 'filled': exists already; choose another name"
    )
    assert import_scenario(load_project(project.root), tmp_path / "form.xlsx", True)
    (project.root / "config/scenarios/filled.yaml").unlink()


# ---- spoiled: one line each, with sheet and cell

SPOILED: dict[str, tuple[Change, str]] = {
    "text for a number": (
        put("beds.norm", value="many"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = 'many': a number from 1 to 200 is allowed",
    ),
    "out of bounds": (
        put("beds.norm", value=5000),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = 5000: out of bounds; a number from 1",
    ),
    "out of bounds in full width": (
        put("beds.norm", value="５０００"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = 5000: out of bounds",
    ),
    "a date": (
        put("beds.norm", value=date(2026, 5, 1)),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '2026-05-01': a number from",
    ),
    "a percentage of a ratio per 1,000": (
        put("beds.norm", value="50%"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '50%': a number",
    ),
    "a whole number for a share": (
        percent(45),
        "床位 Beds![beds.norm_institution_share value]: changes.beds.norm_institution_share.set = 45: out of bounds",
    ),
    "a unit behind the number": (
        put("beds.norm", value="55张"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '55张': a number from",
    ),
    "a decimal comma": (
        put("beds.norm", value="55,5"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '55,5': a number from",
    ),
    "two numbers": (
        put("beds.norm", value="50-55"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '50-55': a number from",
    ),
    "true": (
        put("beds.norm", value=True),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = True: must be a number",
    ),
    "an error value": (
        put("beds.norm", value="#DIV/0!"),
        "床位 Beds![beds.norm value]: changes.beds.norm.set = '#div/0!': a number",
    ),
    "part of a year": (
        put("supply.first_year", value=2027.5, **GROUND),
        "床位 Beds![supply.first_year value]: changes.supply.first_year.set = 2027.5: a whole number",
    ),
    "a misspelt choice": (
        put("supply.plan", value="stedy", **GROUND),
        "[supply.plan value]: changes.supply.plan.set = 'stedy': allowed are frozen, planned, ... (did "
        "you mean steady?)",
    ),
    "not reported where a number is needed": (
        put("beds.norm", value="none"),
        "[beds.norm value]: changes.beds.norm.set = 'none': a number from",
    ),
    "a choice multiplied": (
        put("supply.plan", how="乘以", value=2, **GROUND),
        "[supply.plan value]: changes.supply.plan.multiply = 2: multiply needs",
    ),
    "an unknown way": (
        put("beds.norm", how="替换"),
        "床位 Beds![beds.norm how]: changes.beds.norm.替换: unknown key; allowed are add,",
    ),
    "a misspelt way": (
        put("beds.norm", how="multipli"),
        "[beds.norm how]: changes.beds.norm.multipli: unknown key; ... (did you mean multiply?)",
    ),
    "no interval": (
        put("beds.occupancy_institution", value=0.9, **GROUND),
        "[beds.occupancy_institution low]: changes.beds.occupancy_institution.interval: is missing: give "
        "the 80% interval",
    ),
    "half an interval": (
        put("beds.occupancy_institution", value=0.9, low=0.8, **GROUND),
        "[beds.occupancy_institution low]: changes.beds.occupancy_institution.interval: must be a list of two numbers",
    ),
    "an interval beside the value": (
        put("beds.occupancy_institution", value=0.9, low=0.5, high=0.6, **GROUND),
        "[beds.occupancy_institution low]: changes.beds.occupancy_institution.interval = '[0.5, 0.6]': "
        "the interval must contain the value 0.9",
    ),
    "an interval in words": (
        put("beds.occupancy_institution", value=0.9, low="少", high=1, **GROUND),
        "[beds.occupancy_institution low]: changes.beds.occupancy_institution.interval: must be a number",
    ),
    "an interval of a factor": (
        put("beds.norm", how="乘以", value=1.1, low=1, high=1.2),
        "[beds.norm low]: changes.beds.norm.interval: multiply changes the interval along",
    ),
    "no reason": (
        put("beds.norm", why_zh=None),
        "床位 Beds![beds.norm why_zh]: changes.beds.norm.why: is missing and must be given",
    ),
    "a source without evidence": (
        put("beds.norm", source="SEED", locator="p. 3"),
        "床位 Beds![beds.norm evidence]: changes.beds.norm.evidence: is missing",
    ),
    "a source without place": (
        put("beds.norm", source="SEED", evidence="公布 official"),
        "床位 Beds![beds.norm locator]: changes.beds.norm.locator: is missing",
    ),
    "a misspelt source": (
        put("beds.norm", source="SED", locator="p. 3", evidence="官方"),
        "床位 Beds![beds.norm evidence]: changes.beds.norm.evidence = '官方': allowed are measured",
    ),
    "an unknown source": (
        put("beds.norm", source="SEEED", locator="3", evidence="policy"),
        "[beds.norm source]: changes.beds.norm.source = 'SEEED': is not registered in "
        "data/raw/sources.csv (did you mean SEED?)",
    ),
    "evidence without source": (
        put("beds.norm", evidence="official"),
        "[beds.norm source]: changes.beds.norm.source = 'none': evidence official needs a source",
    ),
    "a reason without a value": (
        put("beds.norm_institution_share", why_en="x"),
        f"[{SHARE} value]: changes.{SHARE}: needs exactly one of set, multiply, add",
    ),
    "the city and a county": (
        added(key="beds.norm", area="安吉县", value=60, why_en="why"),
        "county_changes.anji.beds.norm: stands in changes and for anji",
    ),
    "an unknown county": (
        put("beds.norm", area="德青县"),
        "[beds.norm area]: county_changes.德青县: unknown county; allowed are wuxing",
    ),
    "a misspelt key": (
        put("beds.norm", key="beds.nrm"),
        "床位 Beds!H2: changes.beds.nrm: unknown parameter; eldercare parameters lists them (did you mean beds.norm?)",
    ),
    "no key": (put("beds.norm", key=None), "床位 Beds!H2: changes.: unknown parameter"),
    "the same twice": (
        added(key="beds.norm", value=60, why_en="why"),
        "beds.norm: stands in ... too; each may stand once",
    ),
    "separators of thousands": (
        put("supply.beds_per_year", value="1,200", low="无", **GROUND),
        "[supply.beds_per_year value]: changes.supply.beds_per_year.set = '1,200': a number from",
    ),
    "a percentage as text": (percent("45％"), f"[{SHARE} value]: changes.{SHARE}.set = '45%': a number from 0 to 1"),
    "a column renamed": (head("value", "新的数值"), "床位 Beds!A1: 新的数值: not a column of this table;"),
    "a column deleted": (lambda b: b[BEDS].delete_cols(3), "床位 Beds!A1: unit: missing column; its name may be 单位"),
    "a column of one's own": (lambda b: b[BEDS].cell(1, 20, "备注"), "床位 Beds!A1: 备注: not a column of this table;"),
    "a column twice": (head("low", "新区间上限"), "床位 Beds!A1: high: the column stands there twice"),
    "the headings lost": (lambda b: b[BEDS].delete_rows(1), "床位 Beds!A1: no table of this workbook;"),
    "a sheet of one's own": (
        lambda b: b.create_sheet("草稿").cell(1, 1, "试算"),
        "草稿!A1: no table of this workbook; mend its headings, or delete the sheet",
    ),
    "no parameters": (lambda b: b.remove(b[BEDS]), "form.xlsx: nothing is filled in: no new value in any row"),
    "no name": (cover(1, None), "情景 Scenario!A2: scenario: is missing and must be given"),
    "a Chinese name": (cover(1, "新情景"), "情景 Scenario!A2: scenario = '新情景': must have the form"),
    "a name that is there": (cover(1, "baseline"), "情景 Scenario!A2: scenario = 'baseline': exists already"),
    "no label": (many(cover(2, None), cover(3, None)), "情景 Scenario!B2: label: "),
    "no description": (many(cover(4, None), cover(5, None)), "情景 Scenario!D2: description: "),
    "no first sheet": (lambda b: b.remove(b[COVER]), "form.xlsx: scenario: is missing and must be given"),
    "beyond the bounds once multiplied": (
        put("beds.norm", how="乘以", value=9),
        "床位 Beds![beds.norm value]: beds.norm = 450: out of bounds",
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_workbook_gets_a_line_with_sheet_and_cell_and_changes_nothing(project, filled, tmp_path, case):
    change, line = SPOILED[case]
    book = openpyxl.load_workbook(io.BytesIO(filled))
    line = re.sub(r"\[(\S+) (\w+)\]", lambda place: at(book, place[1], place[2]).coordinate, line)
    before = sorted(file.name for file in (project.root / "config/scenarios").iterdir())
    with pytest.raises(InputError) as told:
        import_scenario(project, brought(project, filled, change, tmp_path), False)
    lines = str(told.value).splitlines()
    start, _dots, end = line.partition("...")
    assert any(start in one and one.endswith(end) for one in lines), lines
    assert all(str(tmp_path / "form.xlsx") in one for one in lines) and len(lines) <= 3
    assert sorted(file.name for file in (project.root / "config/scenarios").iterdir()) == before


def test_all_faults_are_told_at_once_in_the_users_language(copy, project, filled, tmp_path, monkeypatch, capsys):
    faults = ("a misspelt choice", "no name", "no description")
    changes = [put("beds.norm_institution_share", value="少"), *(SPOILED[one][0] for one in faults)]
    brought(project, filled, many(*changes), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ELDERCARE_ROOT", str(copy))
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "zh")
    assert main(["import", "scenario", "form.xlsx"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5 and all(line.startswith("form.xlsx:") and "!" in line for line in lines)
    assert "：changes.supply.plan.set = 'stedy'：可用：frozen" in "\n".join(lines)
    (tmp_path / "old.xls").write_bytes(b"x")
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 no")
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "en")
    for words, expected in [
        (["import", "scenario", "form.xlx"], "form.xlx: must be a .csv or .xlsx file"),
        (["import", "scenario", "fom.xlsx"], "fom.xlsx: file not found (did you mean form.xlsx?)"),
        (["import", "scenario", "no.xlsx"], "no.xlsx: not readable as an .xlsx workbook: "),
        (["import", "scenario"], "import scenario: takes a FILE; --replace belongs to"),
        (["import", "scenari", "form.xlsx"], "did you mean scenario?"),
        (["export", "parameters", "form.xlsx"], "form.xlsx: exists already; choose another name"),
        (["export", "parameters", "form.xls"], "form.xls: the name must end in .xlsx"),
        (["export", "parameters", "x.xlsx", "--scenario", "base"], "did you mean baseline?"),
    ]:
        assert main(words) == 2
        said = capsys.readouterr().err
        assert expected in said and len(said.splitlines()) == 1
    assert main(["export", "parameters", "x.xlsx", "--county", "deqing"]) == 0 and (tmp_path / "x.xlsx").exists()
    assert capsys.readouterr().out.endswith("then: eldercare import scenario x.xlsx\n")
