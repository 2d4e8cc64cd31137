"""The command of the cheapest mix: what it tells, and a scenario file that runs and opens what the plan opens."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from eldercare.cli import main
from eldercare.inputs import InputError, load_project
from eldercare.model import Results
from tests.site.faults import here, small_project

pytestmark = pytest.mark.study

STEADY = """scenario: steady
label: {en: Steady, zh: 等量}
description: {en: Beds close., zh: 床位减少。}
changes:
  supply.plan:
    set: steady
    why: {en: w, zh: w}
    source: none
    locator: x
    evidence: assumption
  supply.beds_per_year:
    set: -30
    interval: none
    why: {en: w, zh: w}
    source: none
    locator: x
    evidence: assumption
"""


@pytest.fixture
def small(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small project with a second scenario, in which its commands run."""
    project = small_project(root, tmp_path / "small")
    (project / "config/scenarios/steady.yaml").write_text(STEADY, encoding="utf-8")
    # Caught up by the target year of so small a project.
    beds = project / "config/parameters/beds.yaml"
    text, times = re.subn(
        r"(supply\.catch_up_years:\n(?:  .*\n)*?  value: )5", r"\g<1>3", beds.read_text(encoding="utf-8")
    )
    assert times == 1
    beds.write_text(text, encoding="utf-8")
    monkeypatch.setenv("ELDERCARE_ROOT", str(project))
    return project


def test_the_written_scenario_runs_and_its_beds_are_those_of_the_plan(small, capsys):
    assert main(["plan", "--area", "deqing"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Steps without regret, as they stand in the plan of every scenario (2)")
    for words in ("at least 80%", "in present value", "county budget", "no price of its own", "land is left out"):
        assert any(words in line for line in said), words
    assert main(["check"]) == 0
    project = load_project(small)
    changes = project.scenarios["cheapest_mix"].county_changes["deqing"]
    opens, points = changes["supply.plan"].opens, changes["meals.plan"].opens.meal_points
    before, after = (
        Results("deqing", name, project=project).counties["deqing"] for name in ("baseline", "cheapest_mix")
    )
    until = after.settings.number("run.horizon")
    for kind in ("institution", "home_care_centre"):
        more = sum(n for year, n in getattr(opens, kind).items() if int(year) <= until)
        np.testing.assert_allclose(after.supply[kind][-1] - before.supply[kind][-1], more)
    assert sum(opens.home_care_centre.values()) > 0
    # In a draw with fewer ordinary beds than are converted all of them are.
    more = (after.institutions.nursing - before.institutions.nursing)[-1]
    assert np.median(more) == pytest.approx(sum(opens.nursing.values())) == pytest.approx(more.max())
    assert after.meals.points[-1] - before.meals.points[-1] == sum(points.values()) > 0
    at_home = after.plan.care["present"].paid_home[-1] - before.plan.care["present"].paid_home[-1]
    assert at_home.mean() > 0
    words = ["run", "--area", "deqing", "--scenario", "cheapest_mix", "--language", "en", "--workers", "1", "-q"]
    assert here(small, *words) == (0, "", "")
    page = small / "outputs/site/en/cheapest_mix/deqing/03_beds.html"
    shown = page.read_text(encoding="utf-8")
    assert ">opens<" in shown and f">{max(opens.home_care_centre.values()):,}<" in shown
    assert main(["plan", "--area", "deqing"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_closings_of_a_scenario_are_kept_and_a_budget_is_told(small, capsys):
    words = ["--scenario", "steady", "--budget", "40000000", "--name", "poor", "--chance", "70", "--apart", "30"]
    assert main(["plan", *words]) == 0
    said = capsys.readouterr().out
    assert "percentage points more of the need" in said and "asked for: 70%" in said
    written = yaml.safe_load((small / "config/scenarios/poor.yaml").read_text(encoding="utf-8"))
    assert set(written["county_changes"]) == set(load_project(small).counties)
    closed = written["county_changes"]["deqing"]["supply.plan"]["opens"]["institution"]
    assert min(closed.values()) < 0 and "supply.plan" not in written["changes"]
    project = load_project(small)
    steady, poor = (Results("deqing", name, project=project).counties["deqing"] for name in ("steady", "poor"))
    assert (poor.supply["institution"] >= steady.supply["institution"] - 1).all()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (["--chance", "30"], "--chance = '30': a whole number from 50 to 99 is allowed"),
        (["--chance", "0.9"], "--chance = '0.9': a whole number from 50 to 99 is allowed"),
        (["--apart", "101"], "--apart = '101': a whole number from 0 to 100 is allowed"),
    ],
)
def test_a_target_that_cannot_be_read_gets_one_line(root, monkeypatch, capsys, word, expected):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    assert main(["plan", *word, "--name", "never_written"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert expected.replace(" = ", ": ") in line.replace(" = ", ": ")


def test_a_budget_too_small_to_keep_counties_together_gets_one_line(small, capsys):
    assert main(["plan", "--budget", "0", "--apart", "0"]) == 2
    assert "no plan does this" in capsys.readouterr().err
    assert not (small / "config/scenarios/cheapest_mix.yaml").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("{set: planned, opens: {institution: {'2026': 5}}}", "institution.2026 = '2026': must be from 2027 to 2030"),
        ("{set: planned, opens: {institution: {'2028': 5.5}}}", "institution.2028 = 5.5: must be a whole number"),
        ("{set: planned, opens: {institutions: {'2028': 5}}}", "did you mean institution?"),
        ("{set: planned, opens: {institution: {'2028': -50000}}}", "more beds would close by then than the county has"),
        ("{set: planned, opens: {meal_points: {'2028': 5}}}", "that of meal_points with meals.plan"),
        ("{set: steady, opens: {institution: {'2028': 5}}}", "opens: only goes with supply.plan set to planned"),
    ],
)
def test_units_that_cannot_open_get_one_line(small, change, expected):
    text = (
        STEADY.replace("set: steady", "set: steady").split("changes:")[0]
        + f"""changes: {{}}
county_changes:
  deqing:
    supply.plan: {change[:-1]}, why: {{en: w, zh: w}}, source: none, locator: x, evidence: assumption}}
"""
    )
    (small / "config/scenarios/steady.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        _ = Results("deqing", "steady", project=load_project(small)).beds
    (problem,) = raised.value.problems
    assert expected in str(problem) and "config/scenarios/steady.yaml:" in str(problem)
