"""The tables of data/raw: they load, their facts agree, and each fault is told in one line."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from eldercare.inputs import load_project
from eldercare.inputs.checks import input_problems
from eldercare.inputs.problems import InputError
from eldercare.inputs.tables import Folder
from tests.shipped import ROOT

COUNTIES = ["wuxing", "nanxun", "deqing", "changxing", "anji"]
AREAS = ["huzhou", *COUNTIES]
PACKAGE = json.loads((ROOT / "data/raw/datapackage.json").read_text(encoding="utf-8"))
SCHEMAS = {resource["name"]: resource["schema"] for resource in PACKAGE["resources"]}
NAMES = Folder(ROOT, AREAS).names


@pytest.fixture(scope="module")
def tables():
    return load_project(ROOT).tables


@pytest.fixture(scope="module")
def report(tables):
    return tables["report_2018"].set_index("indicator")["value"]


@pytest.fixture
def copy(tmp_path):
    for folder in ("data/raw", "config"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def read(root, name):
    return Folder(root, AREAS).table(name)


def edit(root, name, row, column, value):
    """Set one cell of a copied table; ``row`` is the number that a spreadsheet shows."""
    path = root / "data" / "raw" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[row - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def rewrite(root, name, change):
    path = root / "data" / "raw" / f"{name}.csv"
    path.write_bytes(change(path.read_bytes()))


def faults(root, name):
    with pytest.raises(InputError) as caught:
        read(root, name)
    return [str(problem) for problem in caught.value.problems]


# ---- every shipped table


@pytest.mark.parametrize("name", NAMES)
def test_shipped_table_loads_with_every_described_column(name, tables):
    fields = SCHEMAS[name]["fields"]
    assert list(tables[name].columns) == [field["name"] for field in fields]
    # No change of the beds nor later count was found published; an analyst adds the rows.
    assert len(tables[name]) > 0 or name in ("bed_changes", "observations")
    assert all(field["description"] for field in fields)
    assert {"source_id", "quality", "note"} <= set(tables[name].columns)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_holds_what_stands_in_the_file_with_the_types_of_the_description(name, tables):
    text = pd.read_csv(ROOT / "data/raw" / f"{name}.csv", dtype=str, keep_default_na=False)
    readers = {
        "string": lambda cells: cells,
        "boolean": lambda cells: cells == "true",
        "number": lambda cells: pd.to_numeric(cells).astype("float64"),
        "integer": lambda cells: pd.to_numeric(cells).astype("Int64" if (cells == "").any() else "int64"),
        "date": lambda cells: pd.Series(pd.to_datetime([datetime.fromisoformat(cell).date() for cell in cells])),
    }
    wanted = pd.DataFrame({f["name"]: readers[f["type"]](text[f["name"]]) for f in SCHEMAS[name]["fields"]})
    if len(wanted):
        pd.testing.assert_frame_equal(tables[name], wanted)


def test_numeric_columns_name_their_unit():
    without = [
        (name, field["name"])
        for name, schema in SCHEMAS.items()
        for field in schema["fields"]
        if field["type"] in ("number", "integer") and not field.get("unit")
    ]
    assert without == []


def test_every_table_refers_to_registered_sources_and_areas():
    for name, schema in SCHEMAS.items():
        names = {field["name"] for field in schema["fields"]}
        checked = {key["fields"] for key in schema.get("foreignKeys", [])}
        for column, home in (("source_id", "sources"), ("area", "areas")):
            assert name == home or column not in names or column in checked


def test_counties_are_listed_in_config_alone():
    text = (ROOT / "data/raw/datapackage.json").read_text(encoding="utf-8")
    assert '"{counties}"' in text and not set(COUNTIES) & {word for word in COUNTIES if text.count(f'"{word}"') > 1}


def test_frictionless_reads_the_description_and_finds_no_fault():
    from frictionless import Package

    package = Package(str(ROOT / "data/raw/datapackage.json"))
    package.resources = [resource for resource in package.resources if resource.name in NAMES]
    assert package.validate().flatten(["name", "type", "note"]) == []


def test_inputs_that_were_found_sound_are_neither_checked_again_nor_read_by_pandas(copy):
    code = (
        "import sys; from eldercare.inputs import load_project; from eldercare.inputs.checks import input_problems;"
        "assert input_problems(load_project()) == [];"
        "print(*(name for name in ('frictionless', 'pandas') if name in sys.modules))"
    )
    environment = os.environ | {"ELDERCARE_ROOT": str(copy)}
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said == ["frictionless\n", "\n"]


def test_derived_rows_and_unused_rows_say_why(tables):
    for name, frame in tables.items():
        if "quality" in frame and name != "sources":
            silent = frame[(frame["quality"] == "derived") & (frame["note"] == "")]
            assert silent.empty, name
        if "used" in frame:
            assert frame.loc[~frame["used"], "note"].str.contains("not used: ").all(), name


# ---- facts against each other


def test_counties_of_the_2020_census_add_to_the_city(tables):
    facts = tables["census_counties"]
    people = facts[facts["indicator"] == "resident_population"].set_index("area")["value"]
    assert people[COUNTIES].sum() == 3_367_579
    totals = tables["census_totals"].set_index(["area", "year"])["value"]
    assert all(totals[c, 2020] == people[c] for c in COUNTIES)
    assert totals["huzhou", 2020] == 3_367_579


def test_counties_of_the_2010_census_add_to_the_city(tables):
    totals = tables["census_totals"].query("year == 2010").set_index("area")["value"]
    assert totals[COUNTIES].sum() == totals["huzhou"] == 2_893_542


def test_areas_of_the_2000_census_add_to_the_city(tables):
    bands = tables["census_bands"].query("year == 2000 and age_group == 'all'").set_index("area")["value"]
    assert bands[["wuxing_nanxun", "deqing", "changxing", "anji"]].sum() == bands["huzhou"] == 2_625_595


def test_wuxing_of_the_census_is_wuxing_as_administered_and_the_new_area(tables):
    part = tables["census_bands"].query("area == 'wuxing_excl_south_taihu' and year == 2020")
    part = part.query("sex == 'total' and age_group == 'all' and indicator == 'population'")["value"].item()
    whole = tables["census_totals"].query("area == 'wuxing' and year == 2020")["value"].item()
    assert whole - part == 303_342


@pytest.mark.parametrize(("area", "year"), [("huzhou", 2020), ("nanxun", 2010), ("wuxing_excl_south_taihu", 2020)])
def test_broad_ages_sexes_and_households_add_to_the_bulletin_total(tables, area, year):
    rows = tables["census_bands"].query("area == @area and year == @year")
    people = rows[rows["indicator"] == "population"].set_index(["sex", "age_group"])["value"]
    total = people["total", "all"]
    assert sum(people["total", band] for band in ("0-14", "15-59", "60+")) == total
    assert people["male", "all"] + people["female", "all"] == total
    kinds = rows[rows["indicator"].isin(["family_population", "collective_population"])]["value"]
    assert kinds.empty or kinds.sum() == total


def test_age_shares_add_to_one_within_rounding(tables):
    sums = tables["census_age_shares"].groupby("area")["share"].sum()
    assert set(sums.index) == set(COUNTIES)
    assert np.allclose(sums, 1, atol=19 * 0.00005)


def test_age_shares_give_the_broad_ages_of_the_bulletin_within_rounding(tables):
    shares = tables["census_age_shares"]
    totals = tables["census_totals"].query("year == 2020").set_index("area")["value"]
    people = shares["share"] * shares["area"].map(totals)
    bulletin = tables["census_bands"].query("area == 'huzhou' and year == 2020 and sex == 'total'")
    bulletin = bulletin.query("indicator == 'population'").set_index("age_group")["value"]
    for band, first, last in (("0-14", 0, 14), ("15-59", 15, 59), ("60+", 60, 200), ("65+", 65, 200)):
        inside = shares["age_start"].between(first, last)
        groups = inside.sum() / len(COUNTIES)
        assert people[inside].sum() == pytest.approx(bulletin[band], abs=groups * 0.00005 * 3_367_579)


def test_county_sex_ratios_give_the_men_of_the_bulletin(tables):
    facts = tables["census_counties"].pivot(index="area", columns="indicator", values="value")
    ratio = facts["males_per_100_females"]
    men = (facts["resident_population"] * ratio / (100 + ratio)).sum()
    assert men == pytest.approx(1_746_438, abs=0.005 / 200 / 2 * 3_367_579 * 1.1)


def test_sex_pattern_has_the_published_totals_and_the_age_groups_of_the_shares(tables):
    pattern = tables["census_sex_pattern"]
    totals = pattern.groupby("sex")["persons"].sum()
    assert dict(totals) == {"male": 2_711_786, "female": 2_566_335}
    assert set(pattern["age_group"]) == set(tables["census_age_shares"]["age_group"])


def test_age_groups_follow_on_one_another(tables):
    for name in ("census_age_shares", "census_sex_pattern"):
        groups = tables[name].drop_duplicates("age_group").sort_values("age_start")
        assert list(groups["age_start"])[1:] == list(groups["age_start"] + groups["age_width"])[:-1]
        assert groups["age_width"].isna().tolist() == [False] * 18 + [True]


def test_residents_of_2021_add_to_the_city(tables):
    rows = tables["resident_population"].query("year == 2021")
    for indicator in ("resident_year_end", "resident_urban_year_end"):
        people = rows[rows["indicator"] == indicator].set_index("area")["value"]
        assert people[COUNTIES].sum() == people["huzhou"]


def test_registered_sexes_add_to_the_total(tables):
    people = tables["registered_population"].query("used").set_index(["area", "year", "indicator"])["value"]
    for key in (("huzhou", 2019), ("changxing", 2018), ("changxing", 2022)):
        parts = people[(*key, "registered_male")] + people[(*key, "registered_female")]
        assert parts == people[(*key, "registered_population")]


def test_land_areas_in_use_add_to_the_city(tables):
    land = tables["geography"].query("used and indicator == 'land_area'").set_index("area")["value"]
    assert land[COUNTIES].sum() == land["huzhou"]
    official = tables["geography"].query("source_id == 'JHYB2002'")["value"].item()
    assert land["huzhou"] == pytest.approx(official, rel=0.002)


def test_mortality_has_every_age_sex_and_period_once(tables):
    wide = tables["mortality_china"].pivot(index="age_start", columns=["sex", "year_start"], values="mx")
    assert wide.shape == (22, 14)
    assert wide.notna().all(axis=None)
    assert (wide.diff().loc[40:] > 0).all(axis=None)


def test_births_have_the_trough_and_the_wave_and_no_gap(tables):
    births = tables["births_china"].set_index("year")["births_thousand"]
    assert list(births.index) == list(range(1950, 2024))
    assert births[1961] == pytest.approx(16_879.455)
    assert births.idxmax() == 1963


# ---- the report of 2018


def test_both_kinds_of_bed_add_to_the_total(report):
    assert report["beds_institutional"] + report["beds_home_care_centres"] == report["beds_total"] == 39_467


def test_villages_and_communities_of_the_report(report, tables):
    assert report["villages"] + report["urban_communities"] == 1_211
    geography = tables["geography"].query("area == 'huzhou' and year == 2018").set_index("indicator")["value"]
    assert geography[["villages", "urban_communities"]].sum() == 1_211


def test_target_of_the_report_is_what_it_exceeds(report, tables):
    over = report["beds_per_1000_over_target"]
    assert report["beds_per_1000_elders"] - over == report["beds_per_1000_target"]
    norms = tables["policy_norms"].query("area == 'huzhou'").set_index("indicator")["value"]
    assert norms["beds_per_1000_elders"] == report["beds_per_1000_target"] == 50
    assert norms["private_bed_share"] == report["private_bed_share_target"] == 70


def test_printed_private_share_is_not_what_the_beds_give(report):
    assert report["private_bed_share"] == 78
    assert 100 * report["beds_private"] / report["beds_institutional"] == pytest.approx(77.4, abs=0.05)


def test_printed_figures_are_the_values(tables):
    frame = tables["report_2018"]
    numeric = frame[frame["value_printed"].str.fullmatch(r"[0-9.]+")]
    assert len(numeric) == len(frame) - 2
    assert (numeric["value_printed"].astype(float) == numeric["value"]).all()
    assert set(frame.loc[frame["rounding_step"].isna(), "indicator"]) == {
        "beds_per_1000_target",
        "private_bed_share_target",
        "home_care_centre_coverage",
    }


def test_implied_elders_in_use_are_the_beds_over_the_narrowest_ratio(tables, report):
    rows = tables["registered_population"].query("indicator == 'registered_60plus_implied'")
    assert len(rows) == 3
    used = rows.loc[rows["used"], "value"].item()
    assert used == round(report["beds_institutional"] / report["beds_institutional_per_1000_elders"] * 1000)


# ---- faults, each told in one line


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "line"),
    [
        (
            "report_2018",
            2,
            "value",
            "39,467",
            "data/raw/report_2018.csv row 2: value = '39,467': not a plain number such as 37.6 (did you mean 39467?)",
        ),
        (
            "report_2018",
            2,
            "value",
            "nan",
            "data/raw/report_2018.csv row 2: value = 'nan': not a plain number such as 37.6 "
            "(without separators, units or spaces)",
        ),
        ("report_2018", 4, "value", "-1", "data/raw/report_2018.csv row 4: value = '-1': below the minimum 0"),
        (
            "life_expectancy",
            3,
            "e0",
            "801.4",
            "data/raw/life_expectancy.csv row 3: e0 = '801.4': above the maximum 110",
        ),
        (
            "report_2018",
            3,
            "wording_zh",
            "",
            "data/raw/report_2018.csv row 3: wording_zh: empty; a value is required here",
        ),
        (
            "report_2018",
            3,
            "indicator",
            "beds_total",
            "data/raw/report_2018.csv row 3: indicator = 'beds_total': the same as in row 2; each may stand once",
        ),
        (
            "report_2018",
            5,
            "source_id",
            "SED",
            "data/raw/report_2018.csv row 5: source_id = 'SED': not in data/raw/sources.csv (did you mean SEED?)",
        ),
        (
            "report_2018",
            5,
            "source_id",
            "KKKK",
            "data/raw/report_2018.csv row 5: source_id = 'KKKK': not in data/raw/sources.csv "
            "(add it to data/raw/sources.csv first)",
        ),
        (
            "census_totals",
            5,
            "area",
            "deqin",
            "data/raw/census_totals.csv row 5: area = 'deqin': not in data/raw/areas.csv (did you mean deqing?)",
        ),
        (
            "census_totals",
            12,
            "year",
            "2020.0",
            "data/raw/census_totals.csv row 12: year = '2020.0': not a whole number such as 1207 (did you mean 2020?)",
        ),
        (
            "census_totals",
            12,
            "reference_date",
            "2020-11-31",
            "data/raw/census_totals.csv row 12: reference_date = '2020-11-31': not a date such as 2010-11-01",
        ),
        (
            "census_totals",
            3,
            "area",
            "deqing",
            "data/raw/census_totals.csv row 5: area, year = 'deqing / 2000': the same as in row 3; each may stand once",
        ),
        (
            "census_age_shares",
            2,
            "county_code",
            "33502",
            "data/raw/census_age_shares.csv row 2: county_code = '33502': must have the form [0-9]{6} (such as 330521)",
        ),
        ("geography", 2, "used", "yes", "data/raw/geography.csv row 2: used = 'yes': allowed are true, false"),
        (
            "geography",
            2,
            "used",
            "true",
            "data/raw/geography.csv row 8: area, indicator = 'wuxing / land_area': row 2 is used for the same "
            "quantity; set one of the two to used = false",
        ),
        (
            "vital_events",
            2,
            "indicator",
            "birth",
            "data/raw/vital_events.csv row 2: indicator = 'birth': allowed are births, deaths, "
            "natural_increase_rate, crude_death_rate, share_of_deaths_65plus, share_of_deaths_15_64, "
            "share_of_deaths_0_14, birth_rate, death_rate (did you mean births?)",
        ),
        (
            "sources",
            2,
            "quality",
            "offical",
            "data/raw/sources.csv row 2: quality = 'offical': allowed are official, official_mirror, "
            "official_digitised, derived, news, academic, aggregator, wiki, assumption (did you mean official?)",
        ),
    ],
)
def test_wrong_cell_is_told_in_one_line(copy, name, row, column, value, line):
    edit(copy, name, row, column, value)
    assert faults(copy, name) == [line]


def test_age_group_made_a_date_by_a_spreadsheet_is_recognised(copy):
    edit(copy, "census_age_shares", 3, "age_group", "4-Jan")
    (line,) = faults(copy, "census_age_shares")
    assert line.startswith("data/raw/census_age_shares.csv row 3: age_group = '4-Jan': allowed are 0, 1-4")
    assert line.endswith("(a spreadsheet program seems to have made a date of it: set the column to text)")


def test_misspelt_column_is_told_with_the_nearest(copy):
    rewrite(copy, "places", lambda b: b.replace(b"attribute,", b"atribute,", 1))
    assert faults(copy, "places") == [
        "data/raw/places.csv row 1: atribute: not a column of this table; it has area, attribute, name_zh, "
        "source_id, quality, note (did you mean attribute?)"
    ]


def test_column_that_stands_twice_is_told(copy):
    rewrite(
        copy,
        "births_china",
        lambda b: b.replace(b"\n", b",year\n", 1).replace(b"WPP2024,official,\n", b"WPP2024,official,,1950\n"),
    )
    assert faults(copy, "births_china")[0] == ("data/raw/births_china.csv row 1: year: the column stands there twice")


def test_row_with_a_cell_too_many_is_told(copy):
    rewrite(copy, "births_china", lambda b: b.replace(b"22293.375", b"22,293.375", 1))
    assert faults(copy, "births_china") == [
        "data/raw/births_china.csv row 2: 6 cells where the header has 5 (quote cells that hold a comma)"
    ]


def test_missing_file_is_told(copy):
    (copy / "data/raw/places.csv").rename(copy / "data/raw/place.csv")
    assert faults(copy, "places") == ["data/raw/places.csv: file not found (did you mean place.csv?)"]


def test_empty_file_is_told(copy):
    rewrite(copy, "places", lambda b: b"")
    assert faults(copy, "places") == ["data/raw/places.csv: empty file; the first row must hold the column names"]


@pytest.mark.parametrize("name", [name for name in NAMES if not (ROOT / f"data/raw/{name}.csv").read_bytes().isascii()])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_file_in_an_encoding_of_spreadsheet_programs_is_read(copy, tables, name, encoding):
    rewrite(copy, name, lambda b: b.decode("utf-8").encode(encoding))
    assert read(copy, name).equals(tables[name])


def test_a_file_in_big5_is_read(copy):
    names = "吳興區 南潯區 德清縣 長興縣 安吉縣".split()
    header, *rows = (copy / "data/raw/places.csv").read_text(encoding="utf-8").splitlines()
    rows = [",".join([*row.split(",")[:2], name, *row.split(",")[3:]]) for row, name in zip(rows, names, strict=False)]
    (copy / "data/raw/places.csv").write_bytes("\n".join([header, *rows]).encode("big5"))
    assert list(read(copy, "places")["name_zh"]) == names[: len(rows)]


def test_unicode_text_as_excel_saves_it_has_tabs(copy, tables):
    def with_tabs(content):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter="\t").writerows(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
        return text.getvalue().encode("utf-16")

    rewrite(copy, "report_2018", with_tabs)
    assert read(copy, "report_2018").equals(tables["report_2018"])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda b: b + "wuxing,café".encode("latin-1"),
         "none of the encodings UTF-8, UTF-16, GB18030 and Big5 (save it as 'CSV UTF-8')"),
        (lambda b: b"PK\x03\x04" + b, "a workbook, not CSV (save it as 'CSV UTF-8')"),
        (lambda b: b.replace(b",", b";"),
         "columns separated by ;; commas are needed (save it as 'CSV UTF-8')"),
        (lambda b: b.split(b"\n")[0], "no rows below the column names"),
        (lambda b: b"\n,,\n", "empty file; the first row must hold the column names"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_in_a_known_encoding_is_told_in_one_line(copy, change, line):
    plain = (copy / "data/raw/life_expectancy.csv").read_text(encoding="utf-8")
    ascii_only = "".join(c for c in plain if c.isascii()).encode()
    (copy / "data/raw/life_expectancy.csv").write_bytes(ascii_only)
    rewrite(copy, "life_expectancy", change)
    assert faults(copy, "life_expectancy") == [f"data/raw/life_expectancy.csv: {line}"]


def test_unclosed_quote_is_told(copy):
    rewrite(copy, "places", lambda b: b + b'anji,"seat_of_government')
    assert faults(copy, "places") == ["data/raw/places.csv: not readable as CSV: unexpected end of data"]


def test_unknown_table_is_told_with_the_nearest():
    (line,) = faults(ROOT, "report2018")
    assert line.startswith("data/raw: table = 'report2018': no such table; there are sources, areas, ")
    assert line.endswith("(did you mean report_2018?)")


def test_another_file_in_a_table_s_place_is_told_in_one_line(copy):
    """What is wrong with a table of thousands of faults is the file: not all its cells are told."""
    name, table = "census_age_shares", "data/raw/census_age_shares.csv"
    wrong = "".join(f"county {n},3305{n:02},2020,{n}x,5x{n},{n}y,0.{n}x,S{n},good,\n" for n in range(3_000)).encode()
    rewrite(copy, name, lambda text: text + wrong)
    (line,) = faults(copy, name)
    assert line.startswith(f"{table} row 97: area = 'county 0': not in ")
    assert line.endswith("(one of very many faults; is it the right file?)")
    rewrite(copy, name, lambda text: text + b"\n" * 60_000)
    assert faults(copy, name) == [f"{table}: more than 50,000 rows"]


def test_broken_description_is_told(copy):
    (copy / "data/raw/datapackage.json").write_text("{", encoding="utf-8")
    (line,) = faults(copy, "places")
    assert line.startswith("data/raw/datapackage.json: not readable as JSON in UTF-8: ")


def test_missing_description_is_told(tmp_path):
    assert faults(tmp_path, "places") == ["data/raw/datapackage.json: file not found"]


def test_all_faults_of_a_file_are_told_at_once(copy):
    edit(copy, "life_expectancy", 2, "e0", "x")
    edit(copy, "life_expectancy", 3, "sex", "M")
    edit(copy, "life_expectancy", 4, "year", "19")
    lines = faults(copy, "life_expectancy")
    assert [line.split(":")[0][-5:] for line in lines] == ["row 2", "row 3", "row 4"]


def test_faults_of_all_files_are_told_at_once_and_each_once(copy):
    edit(copy, "life_expectancy", 2, "e0", "x")
    edit(copy, "places", 2, "quality", "")
    rewrite(copy, "areas", lambda b: b.replace(b"parent", b"parents", 1))
    lines = [str(problem) for problem in input_problems(load_project(copy))]
    assert lines == [
        "data/raw/areas.csv row 1: parents: not a column of this table; it has area, level, parent, code, name_en, "
        "name_zh, source_id, quality, note (did you mean parent?)",
        "data/raw/life_expectancy.csv row 2: e0 = 'x': not a plain number such as 37.6 "
        "(without separators, units or spaces)",
        "data/raw/places.csv row 2: quality: empty; a value is required here",
    ]


# ---- what a spreadsheet program does to a file without changing its facts


def test_byte_order_mark_line_ends_column_order_and_blank_rows_do_not_matter(copy):
    before = read(copy, "report_2018")

    def as_saved_by_a_spreadsheet(content):
        rows = list(csv.reader(content.decode("utf-8").splitlines()))
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(reversed(row) for row in rows)
        return (text.getvalue() + "\r\n" + "," * (len(rows[0]) - 1) + "\r\n").encode("utf-8-sig")

    rewrite(copy, "report_2018", as_saved_by_a_spreadsheet)
    assert read(copy, "report_2018").equals(before)


def test_upper_case_truth_values_are_read(copy):
    before = read(copy, "geography")
    rewrite(copy, "geography", lambda b: b.replace(b",true,", b",TRUE,").replace(b",false,", b",FALSE,"))
    assert read(copy, "geography").equals(before)


def test_row_number_counts_blank_rows_and_not_lines_within_a_cell(copy):
    rewrite(
        copy,
        "places",
        lambda b: b.replace(b"wiki", b"wiki", 1).replace(b"aggregator,\n", b'aggregator,"two\nlines"\n\n', 1),
    )
    edit(copy, "places", 4, "quality", "none")
    assert faults(copy, "places")[0].startswith("data/raw/places.csv row 4: quality = 'none'")


def test_codes_and_empty_text_stay_text(tables):
    assert tables["census_counties"]["county_code"].iloc[0] == "330502"
    assert tables["areas"].set_index("area").loc["china", "parent"] == ""


# ---- what a cell may look like, and what the rows owe one another


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "hint"),
    [
        ("census_totals", 12, "value", "３３６７５７９", "did you mean 3367579?"),
        ("census_totals", 12, "value", "3 367 579人", "did you mean 3367579?"),
        ("census_totals", 12, "reference_date", "2020/11/1", "did you mean 2020-11-01?"),
        ("census_totals", 12, "reference_date", "2020年11月1日", "did you mean 2020-11-01?"),
        ("census_totals", 12, "reference_date", "44136", "did you mean 2020-11-01?"),
        ("census_totals", 12, "year", "２０２０年", "did you mean 2020?"),
        ("census_totals", 12, "value", "1e999", "without separators, units or spaces"),
        ("census_totals", 12, "value", "9" * 400, "without separators, units or spaces"),
        ("census_totals", 12, "unit", "ｐｅｒｓｏｎｓ", "did you mean persons?"),
        ("geography", 2, "note", "a\x00b", "type the cell anew"),
    ],
)  # fmt: skip
def test_a_number_or_date_in_another_spelling_is_refused_with_the_plain_one(copy, table, row, column, value, hint):
    edit(copy, table, row, column, value)
    (line,) = faults(copy, table)
    assert line.startswith(f"data/raw/{table}.csv row {row}: {column} = ") and line.endswith(f"({hint})")


@pytest.mark.parametrize("word", ["#N/A", "#REF!", "########"])
def test_an_error_value_of_a_spreadsheet_is_told_even_in_a_text_column(copy, word):
    edit(copy, "places", 2, "note", word)
    assert faults(copy, "places") == [
        f"data/raw/places.csv row 2: note = '{word}': an error value of a spreadsheet program"
    ]


def test_counties_that_do_not_add_to_the_city_are_told_with_their_rows(copy):
    edit(copy, "census_totals", 13, "value", "1015938")
    assert faults(copy, "census_totals") == [
        "data/raw/census_totals.csv row 12: value: area wuxing, nanxun, deqing, changxing, anji (year 2020) add to "
        "3367580, not to 3367579 (rows 13, 14, 15, 16, 17)"
    ]


def test_bands_sexes_and_kinds_of_household_that_do_not_add_are_told(copy):
    edit(copy, "census_bands", 22, "value", "718722")
    edit(copy, "census_bands", 24, "value", "1746439")
    edit(copy, "census_bands", 28, "value", "3031274")
    lines = faults(copy, "census_bands")
    assert [line.split(": ", 2)[2].split(" (")[0] for line in lines] == [
        "age_group 0-14, 15-59, 60+",
        "sex male, female",
        "indicator family_population, collective_population",
    ]


def test_shares_may_miss_one_by_their_rounding_and_not_by_more(copy):
    edit(copy, "census_age_shares", 4, "share", "0.0430")
    assert len(read(copy, "census_age_shares")) == 95
    edit(copy, "census_age_shares", 4, "share", "0.0527")
    (line,) = faults(copy, "census_age_shares")
    assert "(area wuxing) add to 1.01" in line and "not to 1 (rows 2 ... 20 (19))" in line


def test_a_missing_county_or_year_is_told_by_name(copy):
    rewrite(copy, "census_totals", lambda b: b"".join(x for x in b.splitlines(True) if b"anji,2020" not in x))
    assert faults(copy, "census_totals") == ["data/raw/census_totals.csv: area = 'anji': rows are missing: year 2020"]
    rewrite(copy, "births_china", lambda b: b"".join(x for x in b.splitlines(True) if not x.startswith(b"19")))
    assert faults(copy, "births_china") == ["data/raw/births_china.csv: rows are missing: year 1950 ... 1999 (50)"]


def test_a_figure_in_the_unit_of_another_is_told(copy):
    edit(copy, "vital_events", 2, "unit", "percent")
    assert faults(copy, "vital_events") == [
        "data/raw/vital_events.csv row 2: unit = 'percent': births is given in persons (did you mean persons?)"
    ]


def test_a_table_cannot_come_from_another_folder(copy):
    path = copy / "data/raw/datapackage.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"places.csv"', '"../places.csv"'), encoding="utf-8")
    (line,) = faults(copy, "places")
    assert line.startswith("data/raw/datapackage.json: places.path = '../places.csv': must have the form ")
