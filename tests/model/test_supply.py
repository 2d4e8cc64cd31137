"""Supply by year: the table of changes, the plans, and what they refuse."""

import shutil

import numpy as np
import pytest

from eldercare.cli import main
from eldercare.inputs import InputError, load_project
from eldercare.model import Results
from tests.shipped import ROOT

CITY = "huzhou"

HEADER = "year,area,bed_type,operation,beds,source_id,locator,quality,note"


@pytest.fixture
def with_changes(root, tmp_path):
    """Return a function that gives a project with the given rows in its table of bed changes."""
    for folder in ("config", "data/raw"):
        shutil.copytree(root / folder, tmp_path / folder)

    def make(*rows):
        lines = [f"{row},SEED,test {number},official," for number, row in enumerate(rows)]
        (tmp_path / "data/raw/bed_changes.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        return load_project(tmp_path)

    return make


def planned(project, area=CITY, **overrides):
    return Results(area, "baseline", {"supply.plan": "planned", "run.draws": 40, **overrides}, project)


def supply(run, kind="institution"):
    return run.beds[run.beds["bed_type"] == kind].set_index("year")["supply"].round(2)


def test_a_row_opens_and_closes_beds_of_its_county_from_its_year_on(with_changes):
    run = planned(with_changes("2023,deqing,institution,open,300", "2028,deqing,institution,close,100"), "deqing")
    start = run.split("beds_institutional").values["deqing"]
    beds = supply(run)
    assert beds.loc[2022] == pytest.approx(start)
    assert beds.loc[2023] == beds.loc[2027] == pytest.approx(start + 300)
    assert beds.loc[2028] == pytest.approx(start + 200)
    assert supply(run, "home_care_centre").nunique() == 1


def test_two_openings_of_one_year_that_a_source_tells_at_two_places_add(with_changes):
    run = planned(with_changes(*["2023,deqing,institution,open,300"] * 2), "deqing")
    assert supply(run).loc[2023] - supply(run).loc[2022] == pytest.approx(600)


def test_a_city_total_goes_around_the_counties_that_report_their_own(with_changes):
    run = planned(with_changes("2025,huzhou,institution,open,1000", "2025,anji,institution,open,400"))
    changes = run.bed_changes.set_index("area")
    assert changes["beds"].sum() == pytest.approx(1000)
    assert changes.loc["anji", "beds"] == 400 and not changes.loc["anji", "allocated"]
    assert changes.drop("anji")["allocated"].all()
    assert supply(run).loc[2025] - supply(run).loc[2024] == pytest.approx(1000)


def test_counties_that_report_more_than_the_city_are_told(with_changes):
    project = with_changes("2025,huzhou,institution,open,100", "2025,anji,institution,open,400")
    with pytest.raises(InputError, match=r"bed_changes.csv row 2: beds = '?100.*own rows .* add to 400"):
        _ = planned(project).beds


def test_the_command_line_tells_a_table_that_does_not_fit_before_any_page(with_changes, monkeypatch, capsys):
    project = with_changes("2026,anji,home_care_centre,close,9000")
    monkeypatch.setenv("ELDERCARE_ROOT", str(project.root))
    shutil.copytree(ROOT / "notebooks", project.root / "notebooks")
    asked = ["run", "--area", "deqing", "--scenario", "baseline", "--notebook", "03_beds"]
    assert main([*asked, "--set", "supply.plan=planned"]) == 2
    assert "anji, home_care_centre = 2026" in capsys.readouterr().err
    with_changes("2025,huzhou,institution,open,100", "2025,anji,institution,open,400")
    assert main(["check"]) == 2
    assert "bed_changes.csv row 2: beds" in capsys.readouterr().err


def test_closing_more_beds_than_there_are_is_told(with_changes):
    project = with_changes("2026,anji,home_care_centre,close,9000")
    with pytest.raises(InputError, match=r"bed_changes.csv: anji, home_care_centre = 2026: .*more beds would close"):
        _ = planned(project).beds


def test_only_institution_beds_become_nursing_type(with_changes):
    project = with_changes("2026,anji,home_care_centre,convert_to_nursing,10")
    with pytest.raises(InputError, match=r"row 2: bed_type .*institution"):
        _ = planned(project).beds


def test_a_wrong_operation_in_the_table_is_told_with_what_is_allowed(with_changes):
    project = with_changes("2026,anji,institution,opened,10")
    with pytest.raises(InputError, match=r"row 2: operation = 'opened': allowed are open, close.*did you mean open"):
        _ = planned(project).beds


def test_a_conversion_adds_nursing_type_beds_and_no_beds(with_changes):
    project = with_changes("2026,deqing,institution,convert_to_nursing,200")
    known = {"supply.institution_change": 1, "run.draws": 40}
    run, without = planned(project, "deqing", **known), Results("deqing", "baseline", known, project)
    assert supply(run).equals(supply(without))
    own = run.counties["deqing"].institutions
    before, after = (run.position(year) for year in (2025, 2026))
    assert own.nursing[after] - own.nursing[before] == pytest.approx(200)
    assert own.nursing_wanted[after] == pytest.approx(own.nursing_wanted[before])


def test_the_other_plans_do_not_read_the_table(with_changes):
    project = with_changes("2023,deqing,institution,open,300")
    assert supply(Results("deqing", "baseline", {"run.draws": 40}, project)).nunique() == 1


def test_a_missing_table_changes_nothing(with_changes):
    project = with_changes()
    (project.root / "data/raw/bed_changes.csv").unlink()
    assert supply(planned(load_project(project.root))).nunique() == 1


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


def run(project, area=CITY, **overrides):
    return Results(area, "baseline", {"run.draws": 60, **overrides}, project)


def test_a_steady_pace_adds_the_same_beds_in_each_county_every_year(project):
    overrides = {"supply.plan": "steady", "supply.beds_per_year": 120, "supply.first_year": 2028}
    one, city = run(project, "anji", **overrides), run(project, **overrides)
    beds = supply(one, "all")
    assert np.diff(beds.loc[:2027]) == pytest.approx(0, abs=0.011)
    assert np.diff(beds.loc[2027:]) == pytest.approx(120, abs=0.011)
    share = one.settings.value("beds.norm_institution_share")
    assert np.diff(supply(one).loc[2027:]) == pytest.approx(120 * share, abs=0.011)
    assert np.diff(supply(city, "all").loc[2027:]) == pytest.approx(5 * 120, abs=0.011)


def test_filling_beds_first_builds_only_what_need_asks_for(project):
    held = run(project, "anji", **{"supply.plan": "hold_need"})
    frozen = run(project, "anji")
    for kind in ("institution", "home_care_centre"):
        # It builds to the median of the need, from the beds of the report on.
        median = np.median(held.bed_demand(kind=kind), axis=1)
        built = np.median(held.bed_supply(kind=kind), axis=1)[held.position(2031) :]
        assert built == pytest.approx(median[held.position(2031) :], rel=0.05)
    fuller = run(project, "anji", **{"supply.plan": "hold_need", "beds.occupancy_institution": 1.0})
    assert (supply(fuller) <= supply(held) + 1e-6).all()
    assert (supply(held) >= supply(frozen) - 1e-6).all()


def test_no_bed_is_added_where_need_is_met(project):
    narrow = {"need.institution_factor": 0.1, "need.home_care_centre_share": 0.005, "supply.plan": "hold_need"}
    assert supply(run(project, **narrow)).nunique() == 1


def test_more_healthy_years_never_need_more_beds(project):
    def need(**overrides):
        frame = run(project, **overrides).beds
        return frame[frame["bed_type"] == "all"].set_index("year")["demand_need"]

    shifted = {"need.morbidity": "shifted"}
    shares = [need(**shifted, **{"need.morbidity_share": share}) for share in (-0.5, 0.0, 0.5, 1.0)]
    assert all((more <= less + 1e-6).all() for less, more in zip(shares, shares[1:], strict=False))
    np.testing.assert_allclose(shares[1], need())
    assert shares[3].loc[2020] == pytest.approx(need().loc[2020])
    assert shares[3].loc[2050] < 0.95 * need().loc[2050]


def test_a_higher_occupancy_and_fewer_places_never_need_more_beds(project):
    def need(**overrides):
        frame = run(project, **overrides).beds
        return frame[frame["bed_type"] == "institution"]["demand_need"].to_numpy()

    assert (need(**{"beds.occupancy_institution": 0.95}) <= need(**{"beds.occupancy_institution": 0.8})).all()
    for key, low, high in (("need.institution_pattern", 0.02, 0.04), ("need.institution_factor", 0.75, 1.0)):
        assert (need(**{key: low}) < need(**{key: high})).all()


def test_a_higher_norm_is_never_crossed_later_and_never_needs_fewer_beds_a_year(project):
    rows = [run(project, **{"beds.norm": norm}).crossing.set_index("norm") for norm in (20, 35, 45)]
    own = [rows[i].loc[norm] for i, norm in enumerate((20, 35, 45))]
    years = [3000 if row.isna()["crossing_year_p50"] else row["crossing_year_p50"] for row in own]
    assert years == sorted(years, reverse=True)
    for column in ("beds_per_year_to_hold", "beds_per_year_to_hold_80"):
        assert [row[column] for row in own] == sorted(row[column] for row in own)
    assert all((row["beds_per_year_to_hold_80"] >= row["beds_per_year_to_hold"]).all() for row in rows)


def test_the_settings_of_care_add_to_the_dependents_unless_more_places_are_planned(project):
    for county in run(project).counties.values():
        assert sum(county.need.shares.values()) == pytest.approx(1)
        narrow = county.needs["census", "pattern"]
        assert (narrow.shares["home"] == 0).any() and (narrow.planned("institution") > narrow.dependents).any()


def test_places_at_launch_are_the_share_of_the_way_whatever_the_definition(project):
    city = run(project)
    elders, at = city.elders()[0].mean(), city.care_need.query("year == 2020")
    rows = at.set_index(["way", "definition"])["persons_p50"] / elders
    for name, share in (("pattern", 0.03), ("use", 0.0081), ("severity", 0.0234 * 0.5)):
        assert rows[name].to_numpy() == pytest.approx(share, rel=0.15), name
        assert rows[name].max() == pytest.approx(rows[name].min(), rel=1e-3), name


def test_places_grow_with_the_dependents_and_a_scenario_acts_under_every_definition(project):
    before, after = run(project), Results(CITY, "ageing_in_place", {"run.draws": 60}, project)
    for pair, need in before.counties["anji"].needs.items():
        planned = need.planned("institution")
        np.testing.assert_allclose(planned / planned[0], need.dependents / need.dependents[0])
        np.testing.assert_allclose(after.counties["anji"].needs[pair].planned("institution"), 0.75 * planned)


def test_the_table_of_beds_counts_with_the_definition_and_the_way_in_force(project):
    for overrides in ({}, {"need.definition": "survey_2015"}, {"need.institution_by": "use"}):
        city = run(project, **overrides)
        own = city.care_need[city.care_need["in_force"]].set_index("year")
        beds = city.beds.query("bed_type == 'institution'").set_index("year")
        np.testing.assert_allclose(own["beds_mean"], beds["demand_need"])
        np.testing.assert_allclose(own["persons_mean"], beds["need_persons"])
        np.testing.assert_allclose(own["dependents_mean"], beds["dependents"])


def test_beds_that_cannot_open_before_the_target_year_are_to_open_in_it(project):
    for first in (2035, 2060):
        results = run(project, "anji", **{"supply.first_year": first})
        row = results.crossing[results.crossing["norm"] == results["beds.norm"]].iloc[0]
        at = results.position(2035)
        missing = results.elders(basis=row["basis"])[at] * row["norm"] / 1000 - results.bed_supply()[at]
        assert row["beds_per_year_to_hold"] == pytest.approx(np.quantile(missing, 0.5), rel=0.02)


@pytest.mark.parametrize("overrides", [{}, {"supply.plan": "hold_norm"}, {"need.morbidity": "shifted"}])
def test_the_parts_of_the_gap_add_to_the_gap_by_need_and_the_counties_to_the_city(project, overrides):
    city = run(project, **overrides)
    counties = city.gap_parts(city.counties)
    parts = city.gap_parts([CITY])[CITY]
    rows = city.beds[city.beds["bed_type"] == "institution"].set_index("year")
    assert parts.sum() == pytest.approx(rows.loc[2035, "demand_need"] - rows.loc[2035, "supply"])
    for name, value in parts.items():
        assert counties.loc[name].sum() == pytest.approx(value, abs=1e-6), name
    assert (parts["health"] != 0) == (overrides.get("need.morbidity") == "shifted")
    # What is known of the change since the report is no change in the mean.
    assert (abs(parts["supply"]) > 1) == ("supply.plan" in overrides)


def test_residents_begin_with_the_occupancy_of_today_and_never_exceed_the_beds(project):
    city = run(project)
    rows = city.beds[city.beds["bed_type"] == "institution"].set_index("year")
    assert rows.loc[2020, "residents_p50"] / rows.loc[2020, "supply"] == pytest.approx(0.501, abs=0.02)
    for county in city.counties.values():
        own = county.institutions
        for queue in (own.queue_need, own.queue_demand):
            assert (queue.residents <= county.supply["institution"] + 1e-6).all()
    assert (rows["waiting_as_today_p50"] <= rows["waiting_p50"] + 1e-6).all()


def test_the_first_county_to_run_short_crosses_no_later_than_the_others(project):
    frame = run(project).first_short
    top = frame.loc[frame["probability_first"].idxmax()]
    assert top["crossing_year_p50"] == frame["crossing_year_p50"].min()
    assert frame["probability_first"].sum() >= 1 - 1e-9
    assert run(project, **{"beds.norm": 59}).first_short["already"].all()
    never = run(project, **{"beds.norm": 5}).first_short
    assert never["crossing_year_p50"].isna().all() and (never["probability_first"] == 0).all()


def test_nursing_beds_wanted_are_the_target_share_of_the_beds(project):
    beds = run(project, **{"beds.nursing_target": 0.7}).beds
    rows = beds[beds["bed_type"] == "institution"]
    np.testing.assert_allclose(rows["nursing_missing_mean"] + rows["nursing_beds_mean"], 0.7 * rows["supply"])


def test_states_begin_with_the_prevalence_of_the_launch_and_then_part_from_it(project):
    constant, states = (
        run(project, **{"need.morbidity": name}).need_draws()["dependents"] for name in ("constant", "states")
    )
    np.testing.assert_allclose(states[0], constant[0])
    later = states[-1].mean() / constant[-1].mean()
    assert 1.0 < later < 1.3
    alike = run(project, **{"need.morbidity": "states", "need.dependent_mortality": 1.0}).need_draws()["dependents"]
    np.testing.assert_allclose(alike, constant, rtol=1e-6)
