"""Inputs that are valid one by one, together: a stated rule, one line that names the files, or a remark."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import eldercare
from eldercare.cli import main
from eldercare.inputs import InputError, load_project, resolve
from eldercare.inputs.joint import OWN, doubts, split_problems
from eldercare.inputs.scenarios import BASELINE

COUNTIES = ("wuxing", "nanxun", "deqing", "changxing", "anji")
BEDS = "supply.institution_beds"
REPORT = "data/raw/report_2018.csv"


@pytest.fixture
def copy(project_copy, monkeypatch) -> Path:
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    return project_copy


def state(root: Path, county: str, **facts: object) -> str:
    """Give a county facts, and return where the first of them stands."""
    file = root / "config/counties" / f"{county}.yaml"
    text = "facts:\n"
    for key, given in facts.items():
        value, interval = given if isinstance(given, tuple) else (given, "none")
        text += f"  {key.replace('__', '.')}:\n    set: {value}\n    interval: {interval}\n"
        text += '    evidence: official\n    source: SEED\n    locator: "a table"\n'
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("facts: {}\n", text), encoding="utf-8")
    return f"config/counties/{county}.yaml:{before[: before.index('facts: {}')].count(chr(10)) + 3}"


def state_all(root: Path, key: str, values: list[object]) -> str:
    return ", ".join(state(root, county, **{key: value}) for county, value in zip(COUNTIES, values, strict=False))


def told(root: Path) -> list[str]:
    project = load_project(root)
    faults = [problem for scenario in project.scenarios for problem in split_problems(project, scenario)]
    return [str(one) for one in (dict.fromkeys(faults) or doubts(project, project.scenarios))]


@pytest.mark.parametrize(
    ("key", "total", "values"),
    [
        (BEDS, "25,097", [5200, 4000, 7000, 3900, 5000]),
        (BEDS, "25,097", [5200, 4000, 6996, 3900, 5000]),
        ("supply.home_care_centre_beds", "14,370", [3000] * 5),
        ("supply.meal_points", "520", [100, 100, 121, 100, 100]),
        ("meals.places", "1,211", [250] * 5),
        ("services.purchased", "24,987", [5000] * 5),
    ],
)
def test_where_every_county_has_its_own_number_the_city_is_their_sum(copy, key, total, values):
    where = state_all(copy, key.replace(".", "__"), values)
    assert told(copy) == [
        f"{where}: {key} = {sum(values)}: every county has its own number: the city is their sum, not the {total} of "
        f"{REPORT}"
    ]


def test_numbers_that_add_exactly_are_no_remark(copy):
    state_all(copy, "supply__institution_beds", [5200, 4000, 6997, 3900, 5000])
    assert told(copy) == []


@pytest.mark.parametrize("values", [[26000], [5200, 4000, 8000, 7898]])
def test_own_numbers_above_the_city_are_refused_before_anything_is_computed(copy, capsys, values):
    where = state_all(copy, "supply__institution_beds", values)
    line = (
        f"{where}: supply.institution_beds = {sum(values)}: the own numbers of {len(values)} of 5 counties add to more "
        f"than the 25,097 of the city in {REPORT} (where every county has its own number the city is their sum)"
    )
    for command in (["check"], ["run", "--area", "anji", "--notebook", "02_population", "--scenario", BASELINE, "-q"]):
        assert main(command) == 2
        said = capsys.readouterr()
        assert (said.err, said.out) == (f"{line}\n", "")


def test_a_number_given_with_the_request_is_held_against_the_city_too(copy, capsys):
    assert main(["run", "--area", "deqing", "--set", "supply.meal_points=521", "--scenario", BASELINE]) == 2
    assert capsys.readouterr().err.startswith("--set: supply.meal_points = 521: the own numbers of 1 of 5 counties")


def test_what_is_left_for_a_county_is_told_where_it_is_hard_to_believe(copy):
    where = state_all(copy, "supply__institution_beds", [6000, 6500, 6000])
    last = state(copy, "anji", supply__institution_beds=6000)
    assert told(copy) == [
        f"{where}, {last}: supply.institution_beds = 597: hard to believe beside 5,372, the "
        "share of changxing, for whom this is left"
    ]


def test_every_total_of_which_a_county_may_have_its_own_number_is_held(root):
    keys = {key for key, one in load_project(root).parameters.items() if one.optional and one.unit not in ("share",)}
    # Of care workers the report has no total, and a budget is no part of one.
    assert set(OWN.values()) == keys - {"services.workers", "plan.budget"}


@pytest.mark.parametrize(
    ("key", "value", "files"),
    [
        ("beds.occupancy_institution", (0.97, "[0.95, 0.99]"), ["combined.yaml:33", "occupancy_first.yaml:15"]),
        ("beds.occupancy_home_care_centre", (0.92, "[0.9, 0.94]"), ["combined.yaml:39", "occupancy_first.yaml:21"]),
    ],
)
def test_a_relative_change_on_top_of_a_countys_value_stops_at_the_bound_and_says_so(copy, capsys, key, value, files):
    where = state(copy, "deqing", **{key.replace(".", "__"): value})
    lines = told(copy)
    assert [line.split(": ")[0] for line in lines] == [f"config/scenarios/{file}" for file in files]
    assert all(f"to {value[0]:g} of {where} leaves the bounds; held at the bound" in line for line in lines)
    setting = resolve(load_project(copy), "deqing", "combined").all[key]
    assert setting.value == 1 and setting.interval[1] == 1 and setting.trail[-1].held
    assert main(["explain", key, "--county", "deqing", "--scenario", "combined"]) == 0
    assert "held at the bound   (config/scenarios/" in capsys.readouterr().out


def append(root: Path, name: str, *rows: str) -> None:
    file = root / "data/raw" / f"{name}.csv"
    file.write_text(file.read_text(encoding="utf-8") + "".join(f"{row}\n" for row in rows), encoding="utf-8")


SITES = "site,area,name,kind,lon,lat,elders,source_id,quality,note\n"


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (
            lambda root: append(
                root, "registered_population", "deqing,2021,31 Dec,registered_60plus,600000,persons,true,SEED,official,"
            ),
            "registered_60plus = 600000: hard to believe beside 123,757, residents aged 60 and over at the census",
        ),
        (
            lambda root: append(root, "vital_events", "deqing,2021,resident,deaths,60000,persons,true,SEED,official,"),
            "deaths = 60000: hard to believe beside 10,971, one in fifty residents at the census",
        ),
        (
            lambda root: append(
                root, "resident_population", "deqing,1995,31 Dec,resident_year_end,54857,persons,true,SEED,official,"
            ),
            "resident_year_end = 54857: hard to believe beside 548,568, residents at the census",
        ),
        (
            lambda root: (root / "data/raw/meal_point_sites.csv").write_text(
                f"{SITES}s1,deqing,a,existing,119.96,30.54,100,SEED,official,\n"
                "s2,deqing,b,candidate,116.4,39.9,1,SEED,official,\n"
            ),
            "meal_point_sites.csv row 3: lon, lat = '116.4, 39.9': 1,042 km from the nearest seat of a county; the "
            "city is about 86 km across",
        ),
        (
            lambda root: (root / "data/raw/meal_point_sites.csv").write_text(
                f"{SITES}s1,deqing,a,existing,119.9,30.5,900000,SEED,official,\n"
            ),
            "meal_point_sites.csv: elders = 900000: hard to believe beside 123,757, residents aged 60 and over at the "
            "census of deqing",
        ),
        (
            lambda root: state(root, "deqing", services__workers=60000),
            "services.workers = 60000: hard to believe beside 12,376, one in ten residents aged 60 and over at the "
            "census",
        ),
        (
            lambda root: state(root, "deqing", supply__meal_points=400),
            "supply.meal_points = 400: hard to believe beside 90, the share of the city's total by people aged 60 and "
            "over",
        ),
    ],
)
def test_what_is_hard_to_believe_is_a_remark_with_both_numbers(copy, capsys, make, wanted):
    make(copy)
    (line,) = (line for line in told(copy) if "left" not in line)
    assert wanted in line
    assert main(["check"]) == 0
    said = capsys.readouterr()
    assert line in said.out and said.err == ""


def test_the_shipped_inputs_are_believed(root):
    assert told(root) == []


def set_cell(root: Path, name: str, row: int, column: str, value: str) -> None:
    file = root / "data/raw" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[row - 1][rows[0].index(column)] = value
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (("mortality_china", 9, "mx", "0"), "data/raw/mortality_china.csv row 9: mx = '0': below the minimum 1e-06"),
        (
            ("births_china", 12, "births_thousand", "0"),
            "data/raw/births_china.csv row 12: births_thousand = '0': below the minimum 1",
        ),
        (
            ("report_2018", 26, "value", "0"),
            "data/raw/report_2018.csv row 26: value = 0: care_worker_training_cohorts must be above 0; others are "
            "divided by it",
        ),
    ],
)
def test_what_is_divided_by_is_not_nought(copy, capsys, cell, line):
    set_cell(copy, *cell)
    assert main(["check"]) == 2
    assert capsys.readouterr().err == f"{line}\n"


def test_people_that_cannot_be_computed_are_told_in_one_line_by_check_and_by_run(copy, capsys):
    file = copy / "data/raw/registered_population.csv"
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("huzhou,2019,") and ",registered_60plus," in line)
    cells = row.split(",")
    cells[4] = "2400000"
    file.write_text(text.replace(row, ",".join(cells)), encoding="utf-8")
    run = ["run", "--area", "deqing", "--notebook", "02_population", "--scenario", BASELINE, "--language", "en", "-q"]
    for command in (["check"], run):
        assert main(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("data/raw: the population cannot be computed from births_china, census_age_shares")
        assert "registered per resident would be" in line


def test_a_county_without_anybody_aged_60_is_told_in_one_line_by_check_and_by_run(copy, capsys):
    file = copy / "data/raw/census_age_shares.csv"
    rows = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    old = [row for row in rows[1:] if row[0] == "deqing" and int(row[4]) >= 60]
    (middle,) = (row for row in rows[1:] if row[0] == "deqing" and row[4] == "50")
    middle[6] = f"{float(middle[6]) + sum(float(row[6]) for row in old):.4f}"
    for row in old:
        row[6] = "0"
    file.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    for command in (["check"], ["run", "--area", "anji", "--notebook", "02_population", "-q"]):
        assert main(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "nobody is aged 60 and over in deqing; whatever is counted per person has no meaning" in line


def test_a_scenario_that_does_not_go_with_a_county_blocks_no_run_of_others(copy, capsys):
    where = state(copy, "deqing", meals__first_year=2035, meals__full_year=2036)
    (copy / "config/scenarios/soon.yaml").write_text(
        "scenario: soon\nlabel: {en: Soon, zh: 提前}\ndescription: {en: Soon., zh: 提前。}\nchanges:\n"
        "  meals.full_year:\n    set: 2030\n    evidence: assumption\n    source: none\n    locator: a try\n"
        "    why: {en: a try, zh: 试算}\n",
        encoding="utf-8",
    )
    line = (
        f"config/scenarios/soon.yaml:6: meals.full_year = 2030: must not be before meals.first_year = 2035 of {where}"
    )
    for command in (["check"], ["run", "--scenario", "soon", "--area", "deqing", "--dry-run"]):
        assert main(command) == 2
        assert capsys.readouterr().err == f"{line}\n"
    assert main(["run", "--scenario", BASELINE, "--area", "deqing", "--notebook", "02_population", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert line in said.out and said.err == ""


def test_loading_checks_the_inputs_once_and_notes_that_they_are_sound(copy):
    eldercare.load("deqing")
    assert load_project(copy).tables.folder.sound
    set_cell(copy, "births_china", 12, "births_thousand", "0")
    with pytest.raises(InputError, match="births_china.csv row 12: births_thousand = '0': below the minimum 1"):
        eldercare.load("deqing")
