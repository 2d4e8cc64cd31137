"""Counts of later years: the newest is the level, earlier ones what there was, and counties add up to the city."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import eldercare
from eldercare.cli import main
from eldercare.inputs import InputError, load_project
from eldercare.inputs.checks import input_problems
from eldercare.model.supply import BED_INDICATORS
from eldercare.report import Page, beds

BULLETIN = "huzhou,2024,beds_total,41000,beds,true,SEED,table 2,official,"
FEW = {"run.draws": 50}
WITHOUT = "wuxing", "nanxun", "changxing", "anji"


def enter(root: Path, *rows: str, year: int = 0) -> Path:
    with (root / "data/raw/observations.csv").open("a", encoding="utf-8") as stream:
        stream.write("".join(f"{row}\n" for row in rows))
    if year:
        file = root / "config/counties/deqing.yaml"
        fact = "  supply.institution_beds: {set: 8100, interval: none, evidence: official, source: SEED, locator: t, "
        fact += f"year: {year}}}\n"
        file.write_text(file.read_text(encoding="utf-8").replace("facts: {}\n", f"facts:\n{fact}"), encoding="utf-8")
    return root


def load(root: Path, area: str = "huzhou", **more: object) -> eldercare.Results:
    return eldercare.load(area, "baseline", FEW | more, load_project(root))


def at(run: eldercare.Results, year: int, kind: str = "all", area: str | None = None) -> np.ndarray:
    return run.bed_supply(area, kind)[run.position(year)]


def test_a_new_bulletin_is_one_row_and_the_pages_speak_of_it(project_copy, root):
    before, run = load(root), load(enter(project_copy, BULLETIN))
    assert at(run, 2024) == pytest.approx(np.full(50, 41000.0))
    # On the straight line from 39,467 of 2018; the kinds as in 2018.
    assert at(run, 2020).mean() == pytest.approx(39467 + (41000 - 39467) * 2 / 6)
    assert at(run, 2024, "institution") == pytest.approx(np.full(50, 41000 * 25097 / 39467))
    # The national drift of eight years counts for two.
    assert np.ptp(at(run, 2030)) / 41000 == pytest.approx(np.ptp(at(before, 2030)) / 39467 / 4, rel=0.3)
    page = Page("beds", "huzhou", "baseline", FEW, "en", run.project)
    assert "Beds as reported for Huzhou in 2024" in beds.answer(page)
    chart = beds.demand_chart(page, {kind: beds.demand(page.run, kind) for kind in BED_INDICATORS})
    counted = chart.table.frame.query("counted.notna()")
    assert counted["year"].tolist() == [2024, 2024] and counted["counted"].sum() == 41000
    chinese = Page("overview", "huzhou", "baseline", FEW, "zh", run.project)
    assert "现有依据为2024年公布数" in chinese.say("count_first_supply")
    assert "no later" not in page.say("site.answer_counted", supply="41,000")
    assert "41,000 care beds in 2024" in page.say("site.answer_counted", supply="41,000")


@pytest.mark.parametrize("way", ["file", "table"])
def test_a_countys_later_count_is_not_taken_out_of_an_earlier_total(project_copy, root, way):
    row = "deqing,2023,beds_institutional,8100,beds,true,SEED,table 1,official,"
    run = load(enter(project_copy, year=2023) if way == "file" else enter(project_copy, row))
    split = run.split("beds_institutional")
    before = load(root).split("beds_institutional")
    assert {c: split.values[c] for c in WITHOUT} == {c: before.values[c] for c in WITHOUT}
    assert (split.values["deqing"], split.allocated["deqing"]) == (8100, False)
    assert at(run, 2023, "institution", "deqing") == pytest.approx(np.full(50, 8100.0))
    assert at(run, 2020, "institution", "deqing").mean() < 8000
    assert np.ptp(at(run, 2030, "institution", "deqing")) > 0
    page = Page("beds", "deqing", "baseline", FEW, "en", run.project)
    assert "As counted by Deqing in 2023" in page.answer("x", allocated=False, own=["beds_institutional"])


def test_an_earlier_count_is_part_of_a_later_total_in_every_draw(project_copy):
    run = load(enter(project_copy, BULLETIN, year=2023))
    assert at(run, 2024) == pytest.approx(np.full(50, 41000.0))
    assert at(run, 2024, "institution", "deqing") == pytest.approx(np.full(50, 8100.0))
    assert run.bed_supply() == pytest.approx(sum(run.bed_supply(county) for county in run.counties))
    # Between two counts of the city its counties add to the line between them, with one of them counted in between.
    assert at(run, 2023) == pytest.approx(np.full(50, 41000 - (41000 - 39467) / 6))


def test_counts_of_one_county_in_two_years_stand_beside_each_other(project_copy):
    rows = (
        f"deqing,{year},meal_points,{value},points,true,SEED,t,official," for year, value in ((2021, 90), (2025, 130))
    )
    run = load(enter(project_copy, *rows), "deqing")
    county = run.counties["deqing"].stock("meal_points")
    assert [county[run.position(year)].mean() for year in (2021, 2023, 2025)] == pytest.approx([90, 110, 130])
    assert run.counted("meal_points").dropna().to_dict() == {2021: 90, 2025: 130}


def test_where_every_county_is_counted_the_city_is_their_sum(project_copy):
    rows = [
        f"{county},{2022 + n % 2},beds_institutional,{5000 + n},beds,true,SEED,t,official,"
        for n, county in enumerate((*WITHOUT, "deqing"))
    ]
    run = load(enter(project_copy, *rows))
    assert run.stock("beds_institutional").total == 25010
    assert at(run, 2023, "institution").mean() == pytest.approx(25010, rel=0.01)


def test_openings_before_the_last_count_are_in_it(project_copy):
    changes = project_copy / "data/raw/bed_changes.csv"
    with changes.open("a", encoding="utf-8") as stream:
        stream.write(
            "2022,deqing,institution,open,300,SEED,t,official,\n2026,deqing,institution,open,200,SEED,t,official,\n"
        )
    run = load(enter(project_copy, year=2023), **{"supply.plan": "planned"})
    assert at(run, 2030, "institution", "deqing").mean() == pytest.approx(8300, rel=0.01)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("huzhou,1950,beds_total,41000,beds,true,SEED,t,official,", "row 2: year = '1950': below the minimum 1990"),
        (
            "huzhou,2027,beds_total,41000,beds,true,SEED,t,official,",
            "row 2: year = 2027: a count is of 2026 or before: new beds open from supply.first_year = 2027 on",
        ),
        ("huzhou,2024,bed_total,41000,beds,true,SEED,t,official,", "did you mean beds_total?"),
        (
            "huzhou,2018,beds_total,41000,beds,true,SEED,t,official,",
            "row 2: beds_total = 41000.0: data/raw/report_2018.csv has 39,467 of the same year",
        ),
        (f"{BULLETIN}\n{BULLETIN.replace('41000', '42000').replace('SEED', 'HZ2020')}", "row 2 is used for the same"),
    ],
)
def test_a_count_that_cannot_be_is_one_line(project_copy, row, line):
    (problem,) = map(str, input_problems(load_project(enter(project_copy, row))))
    assert problem.startswith("data/raw/observations.csv ") and line in problem


def test_a_fact_of_a_year_to_come_is_one_line(project_copy, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(enter(project_copy, year=2031)))
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "config/counties/deqing.yaml:13: facts.supply.institution_beds.year = 2031: must be from 1990 to 2026\n"
    )


HEADER = (
    "facility,area,name,kind,year,licensed,staffed,usable,occupied,from_elsewhere,"
    "opened,closed,lon,lat,source_id,quality,note\n"
)
HOUSES = (
    "A,deqing,A,institution,2024,300,250,280,200,20,1998,,,,SEED,official,\n"
    "B,deqing,B,institution,2024,500,400,500,350,,2010,,,,SEED,official,\n"
    "C,deqing,C,institution,2024,900,,,,,1990,2022,,,SEED,official,\n"
    "D,deqing,D,institution,2024,700,,,,,2026,,,,SEED,official,\n"
)


def test_a_register_of_houses_takes_the_place_of_the_share_of_its_county(project_copy, root):
    before = load(root, "deqing")
    (project_copy / "data/raw/facilities.csv").write_text(HEADER + HOUSES, encoding="utf-8")
    run = load(project_copy, "deqing")
    assert before.is_allocated(["beds_institutional"]) and not run.is_allocated(["beds_institutional"])
    # Houses that have closed, or open later, are not there.
    assert at(run, 2024, "institution") == pytest.approx(np.full(50, 800.0))
    # Centres keep their share, and so do the other counties' beds.
    np.testing.assert_allclose(at(run, 2024, "home_care_centre"), at(before, 2024, "home_care_centre"))
    np.testing.assert_allclose(at(run, 2024, area="anji"), at(before, 2024, area="anji"))
    # A bed can be used where it is fit for use and has staff.
    assert run["beds.usable_share"] == (250 + 400) / 800 and before["beds.usable_share"] == 1
    assert run["beds.occupancy_institution_now"] == round((200 + 350) / 800, 4)
    step = run.settings.all["beds.usable_share"].trail[-1]
    assert (step.layer, step.where, step.source_id, step.year) == ("county", "data/raw/facilities.csv", "SEED", 2024)
    assert run.county_settings["anji"].value("beds.usable_share") == 1


def test_a_fact_of_a_county_comes_before_its_register_and_a_share_above_all_is_one_line(project_copy):
    (project_copy / "data/raw/facilities.csv").write_text(HEADER + HOUSES, encoding="utf-8")
    file = project_copy / "config/counties/deqing.yaml"
    fact = "{set: 0.9, interval: none, evidence: official, source: SEED, locator: counted}"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("facts: {}", f"facts:\n  beds.usable_share: {fact}"), encoding="utf-8")
    assert load(project_copy, "deqing")["beds.usable_share"] == 0.9
    file.write_text(text, encoding="utf-8")
    more = HOUSES.replace("250,280", "850,880")
    (project_copy / "data/raw/facilities.csv").write_text(HEADER + more, encoding="utf-8")
    with pytest.raises(InputError, match=r"data/raw/facilities\.csv: beds\.usable_share = 1\.\d+: .*"):
        load(project_copy, "deqing")


def test_a_register_with_an_unknown_county_or_kind_gets_one_line(project_copy):
    rows = HOUSES.splitlines()[0].replace("deqing", "deqin").replace("institution", "hotel")
    (project_copy / "data/raw/facilities.csv").write_text(HEADER + rows + "\n", encoding="utf-8")
    told = [str(problem) for problem in input_problems(load_project(project_copy))]
    assert len(told) == 2 and all(line.startswith("data/raw/facilities.csv row 2: ") for line in told), told
