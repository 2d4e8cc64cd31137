"""The published tables: columns as described, counties add, nothing becomes a formula; the workbook holds the same."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from eldercare.inputs import Project, load_project
from eldercare.inputs.guards import FORMULA
from eldercare.publish.dictionary import norm_in_force, tables
from eldercare.publish.tables import csv_text, frames_of, table_files
from eldercare.publish.workbook import workbook
from tests.site.faults import set_run


def change(folder: Path, name: str, pattern: str, text: str) -> None:
    file = folder / "config" / name
    changed, times = re.subn(pattern, text, file.read_text(encoding="utf-8"), count=1)
    assert times == 1, pattern
    file.write_text(changed, encoding="utf-8")


DAY = "2026-03-01"
SCENARIOS = ("baseline", "hold_the_norm", "low_migration")


def few_scenarios(folder: Path) -> Path:
    """Leave a project three scenarios, which are compared as ten are, in a third of the time."""
    for file in (folder / "config" / "scenarios").glob("*.yaml"):
        if file.stem not in SCENARIOS:
            file.unlink()
    return folder


@pytest.fixture(scope="module")
def small(few_draws: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_scenarios(shutil.copytree(few_draws, tmp_path_factory.mktemp("tables") / "project"))


@pytest.fixture(scope="module")
def project(small: Path) -> Project:
    return load_project(small)


@pytest.fixture(scope="module")
def files(small: Path) -> dict[str, bytes]:
    return table_files(small, "baseline", "0001-x", {}, DAY)


@pytest.fixture(scope="module")
def book(files: dict[str, bytes]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(files["baseline.xlsx"]))


@pytest.fixture(scope="module")
def published(files: dict[str, bytes]) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(io.BytesIO(files[f"baseline/{name}.csv"])) for name in tables()}


def test_a_scenario_has_its_tables_their_description_and_a_workbook(files, project):
    assert set(files) == {"baseline.xlsx", "baseline/datapackage.json", *(f"baseline/{name}.csv" for name in tables())}
    package = json.loads(files["baseline/datapackage.json"])
    assert package["run_id"] == "0001-x" and project.city.label["en"] in package["title"]
    for resource in package["resources"]:
        header = files[f"baseline/{resource['path']}"].decode().splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert all(field["description"] and field["description_zh"] for field in resource["schema"]["fields"])


def test_columns_that_are_said_to_add_do_add(published, project):
    for name, table in tables().items():
        adding = [column.name for column in table.columns if column.adds]
        keys = [column.name for column in table.columns if column.key and column.name not in ("area", "scenario")]
        is_city = published[name]["area"] == project.city.id
        city = published[name][is_city].set_index(keys)[adding].sort_index()
        parts = published[name][~is_city].groupby(keys)[adding].sum(min_count=1).sort_index()
        if adding:
            pd.testing.assert_frame_equal(parts, city, rtol=0, atol=1e-5, check_dtype=False)
    assert not any(column.adds for t in tables().values() for column in t.columns if column.name.endswith("_p50"))


def test_the_norm_is_the_one_that_demand_is_counted_by(published, project):
    assert norm_in_force(published["beds"]) == dict.fromkeys(project.areas, 50.0)
    changed = frames_of(project, "baseline", {"deqing": {"beds.norm": 42.5}})
    assert norm_in_force(changed["beds"]) == {"deqing": 42.5}


def test_changed_tables_hold_only_the_areas_that_were_changed_and_say_so(small, published):
    made = table_files(small, "baseline", "0002-x", {"anji": {"beds.norm": 55}}, DAY)
    assert set(made) >= {"baseline-set.xlsx", "baseline-set/beds.csv"}
    beds = pd.read_csv(io.BytesIO(made["baseline-set/beds.csv"]))
    before = published["beds"].query("area == 'anji'").reset_index(drop=True)
    assert set(beds["area"]) == {"anji"}
    assert (beds["demand_ratio"] > before["demand_ratio"]).all() and (beds["supply"] == before["supply"]).all()
    assert json.loads(made["baseline-set/datapackage.json"])["overrides"] == {"anji": {"beds.norm": 55}}


def test_a_frame_that_is_not_as_described_is_refused(published):
    with pytest.raises(ValueError, match="columns of meals are"):
        csv_text(published["meals"].drop(columns="points"), tables()["meals"])


@pytest.mark.parametrize("sign", [*FORMULA, "\t=", "\r+", "\n@", " ="])
def test_a_text_cell_that_begins_like_a_formula_is_neutralised_and_numbers_are_not(published, sign):
    frame = published["services"].head(3).assign(service=f"{sign}HYPERLINK(1)", needed_p50=-1.5)
    rows = list(csv.DictReader(io.StringIO(csv_text(frame, tables()["services"]), newline="")))
    assert {row["service"] for row in rows} == {"'" + re.sub(r"\s", " ", sign) + "HYPERLINK(1)"}
    assert {row["needed_p50"] for row in rows} == {"-1.5"}


def test_the_workbook_holds_the_tables_a_dictionary_and_the_parameters(book, published, project):
    assert book.sheetnames[5:-2] == list(tables())
    # Its first sheet leads to all others.
    linked = [row[1].value for row in book.worksheets[0].iter_rows() if row[1].hyperlink]
    assert linked == book.sheetnames[1:]
    assert [name.split()[0] for name in (*book.sheetnames[:5], *book.sheetnames[-2:])] == [
        "说明",
        "情景比较",
        "分年建设计划",
        "五年规划指标",
        "概览",
        "数据字典",
        "参数",
    ]
    for name, frame in published.items():
        head, *rows = list(book[name].iter_rows(min_row=3, values_only=True))
        assert list(head) == list(frame)
        if name == "population":
            # Every year of the broad groups, and the milestone years of the others.
            wide = frame["age_group"].isin(["0-14", "15-59", "60+", "65+", "80+", "all"])
            kept = frame[wide | frame["year"].isin(project.city.milestones)].reset_index(drop=True)
            assert len(kept) < 0.4 * len(frame)
        else:
            kept = frame
        sheet = pd.DataFrame(rows, columns=head).astype(frame.dtypes.to_dict())
        decimals = max(column.decimals for column in tables()[name].columns)
        pd.testing.assert_frame_equal(sheet, kept, rtol=0, atol=0.51 * 10.0 ** -min(decimals, 1))
    keys = [row[0] for row in book[book.sheetnames[-1]].iter_rows(min_row=2, values_only=True)]
    assert list(dict.fromkeys(keys)) == list(project.parameters)
    book.close()


def test_the_summary_of_the_workbook_draws_the_published_numbers(book, published, project):
    sheet = book["概览 Summary"]
    beds = published["beds"].query("bed_type == 'all' and basis == 'registered'")
    path, gaps = (list(chart.series) for chart in sorted(sheet._charts, key=lambda chart: chart.anchor._from.row))
    assert len(path) == len(project.areas) + 1 and len(gaps) == 1
    city = beds[beds["area"] == project.city.id]
    assert drawn(sheet, path[0]) == pytest.approx(city["beds_per_1000"].tolist(), abs=5e-4)
    assert set(drawn(sheet, path[-1])) == {50}
    counties = beds[(beds["year"] == project.city.target_year) & (beds["area"] != project.city.id)]
    assert drawn(sheet, gaps[0]) == pytest.approx(sorted(counties["gap_ratio_mean"]), abs=0.06)


def drawn(sheet, series) -> list[float]:
    cells = series.val.numRef.f.rpartition("!")[2].replace("$", "")
    return [cell.value for row in sheet[cells] for cell in row]


def test_the_first_sheets_compare_scenarios_and_plan_by_year_and_all_are_set_up_for_paper(book, published, project):
    head, *rows = list(book["情景比较 Scenarios"].iter_rows(min_row=3, values_only=True))
    labels = [f"{scenario.label['zh']} / {scenario.label['en']}" for scenario in project.scenarios.values()]
    assert sorted(row[0] for row in rows) == sorted(labels) and all("/" in name for name in head)
    assert not [name for name in head if "_" in name]
    gap = next(n for n, name in enumerate(head) if "Gap by the norm" in name)
    beds = published["beds"].query("bed_type == 'all' and basis == 'registered'").set_index(["area", "year"])
    city = beds.loc[(project.city.id, project.city.target_year)]
    assert rows[0][gap : gap + 3] == pytest.approx(
        tuple(city[f"gap_ratio_{part}"] for part in ("mean", "p10", "p90")), rel=1e-4
    )
    head, *rows = list(book["分年建设计划 Plan"].iter_rows(min_row=3, values_only=True))
    opened = published["plan"].query("area == @project.city.id and item == 'meal_points'").set_index("year")["to_open"]
    found = next(row for row in rows if row[:2] == ("湖州市 / Huzhou", "助餐点 / meal points"))
    assert dict(zip(head[2:-1], found[2:-1], strict=True)) == {str(y): opened[y] for y in map(int, head[2:-1])}
    assert found[-1] == sum(found[2:-1]) == opened[opened.index <= project.city.target_year].sum()
    for sheet in book:
        page = sheet.page_setup
        assert (page.paperSize, page.orientation, page.fitToHeight) == (9, "landscape", 0), sheet.title
        wide = sum(sheet.column_dimensions[name].width for name in sheet.column_dimensions)
        assert sheet.title in book.sheetnames[:4] or wide / (page.fitToWidth or 1) < 300
    assert book["beds"].print_title_rows == "$1:$3" and book["beds"].print_title_cols == "$A:$B"
    assert DAY in {cell.value for row in book.worksheets[0].iter_rows() for cell in row}


def test_a_plan_that_opens_nothing_is_an_empty_sheet(published, project):
    frames = {name: frame.head(3) for name, frame in published.items()} | {"beds": published["beds"]}
    frames["plan"] = published["plan"].assign(to_open=0)
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(project, "baseline", "0001-x", {"en": "x", "zh": "x"}, frames, {}, DAY))
    )
    assert book["分年建设计划 Plan"].max_row <= 4


def test_a_formula_in_a_label_is_text_in_the_workbook(project_copy: Path, published):
    set_run(few_scenarios(project_copy), "draws", 20)
    change(project_copy, "scenarios/baseline.yaml", r"(label: \{en: )[^,]+,", r'\1"=1+1",')
    change(project_copy, "parameters/beds.yaml", "label: {en: Norm for beds,", 'label: {en: "=cmd|calc!A1",')
    frames = {name: frame.head(3) for name, frame in published.items()} | {"beds": published["beds"]}
    content = workbook(
        load_project(project_copy), "baseline", "0001-x", {"en": "=1+1", "zh": "=1+1"}, frames, {}, "2026-03-01"
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    (evil,) = [cell for cell in cells if str(cell.value).startswith("=cmd")]
    assert evil.data_type == "s" and evil.quotePrefix
    assert any(cell.data_type == "n" for cell in cells)


def test_another_citys_milestones_name_the_columns(project_copy):
    city = project_copy / "config" / "city.yaml"
    text = city.read_text(encoding="utf-8")
    for before, after in (
        ("milestones: [2020, 2025, 2030, 2035, 2040, 2050]", "milestones: [2020, 2026, 2031, 2036, 2050]"),
        ("near_year: 2030", "near_year: 2031"),
        ("target_year: 2035", "target_year: 2036"),
    ):
        assert before in text
        text = text.replace(before, after)
    city.write_text(text, encoding="utf-8")
    files = table_files(project_copy, "baseline", "r", {"deqing": {"run.draws": 20}}, DAY)
    header = files["baseline-set/crossing.csv"].decode().splitlines()[0].split(",")
    assert [name for name in header if name.startswith("probability")] == [
        f"probability_by_{y}" for y in (2026, 2031, 2036)
    ]
    assert {f"below_at_{y}" for y in (2026, 2031, 2036)} <= set(header)
    resources = json.loads(files["baseline-set/datapackage.json"])["resources"]
    (fields,) = [one["schema"]["fields"] for one in resources if one["name"] == "crossing"]
    assert [field["name"] for field in fields] == header
