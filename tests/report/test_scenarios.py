"""Scenarios page: one row a scenario in the order of the page, changes in the right words, shares of one line."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest

from eldercare.inputs import load_project
from eldercare.report import scenarios


@pytest.fixture(scope="module")
def shown(run_notebook):
    return run_notebook("06_scenarios", "deqing", "en")


def test_every_scenario_has_a_row_and_the_first_none_among_the_changes(shown):
    effects, changes, compared = (shown.names[name] for name in ("effects", "changes", "compared"))
    assert list(effects.index) == compared.names and compared.names[0] == "baseline"
    assert list(changes.index) == compared.names[1:]
    gap = effects["gap_ratio_2035"] - effects.loc["baseline", "gap_ratio_2035"]
    assert changes["gap_ratio_2035"].to_numpy() == pytest.approx(gap[1:].to_numpy())


def test_each_scenario_has_its_description_and_occupancy_differs_by_points(shown, words):
    text, effects = words(shown["effects-picture"]), shown.names["effects"]
    for scenario in shown.names["run"].project.scenarios.values():
        assert scenario.description["en"] in text
    before, built = (100 * effects.loc[name, "occupied_2035"] for name in ("baseline", "occupancy_first"))
    assert f"{built:.0f}%" in text and f"\N{MINUS SIGN}{before - built:.0f}" in text
    assert "about half of the beds in institutions then stand empty" in text and 40 < built < 60


@pytest.mark.parametrize(
    ("change", "low", "high", "said"),
    [
        (0.2, 0.1, 0.3, "the same"),
        (100, 50, 150, r"larger by 100 beds (80% interval 50 to 150)"),
        (-100, -150, -50, r"smaller by 100 beds (80% interval 50 to 150)"),
        (100, 100, 100, "larger by 100 beds"),
        (10, -20, 40, "larger by 10 beds, with the sign not certain (change of \N{MINUS SIGN}20 to 40)"),
    ],
)
def test_a_change_is_told_with_its_sign_and_its_interval(shown, change, low, high, said):
    row = pd.Series({"change": change, "change_p10": low, "change_p90": high}, dtype=float)
    assert scenarios._change(shown.names["page"], row) == said


def test_scenarios_with_one_path_share_a_line(root, shown):
    paths = shown.names["paths"]
    names = shown.names | {"paths": paths.assign(low_migration=paths["baseline"])}
    for cell in nbformat.read(root / "notebooks" / "06_scenarios.ipynb", 4).cells:
        if cell.id in ("paths-lines", "paths-chart"):
            exec(cell.source, names)
    assert any("Baseline = " in text.get_text().replace("\n", " ") for text in names["chart"].figure.axes[0].texts)


def test_what_cannot_be_surveyed_is_told_apart(shown):
    shares = pd.DataFrame(
        {
            "ladder": "need",
            "factor": ["mortality.index", "meals.uptake", "beds.occupancy_institution"],
            "kind": ["future", "survey", "survey"],
            "first": [0.5, 0.2, 0.19],
            "first_error": [0.02, 0.02, 0.02],
            "narrowing": [0.29, 0.11, 0.1],
        }
    )
    said = " ".join(shown.again("knowing-first", "knowing-kinds", shares={"need": shares})["need"])
    assert "Survey first, by care need" in said and "comes second" in said and "which no survey can settle" in said


def test_orders_of_counties_are_the_citys(run_notebook, words):
    city = run_notebook("06_scenarios", "huzhou", "zh")
    told = words(city["flips-picture"])
    assert "区县排序" in told or "由大到小" in told
    assert run_notebook("06_scenarios", "deqing", "zh").names["rankings"] == []


def test_every_shipped_scenario_has_a_colour_of_its_own(root):
    assert len(set(scenarios.PALETTE)) == len(scenarios.PALETTE) >= len(load_project(root).scenarios)
