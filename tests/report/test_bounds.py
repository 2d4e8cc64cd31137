"""Every value inside its bounds makes every page: all at the lower bounds, all at the upper, at nought or not drawn.

`tools/bounds.py` turns the parameters one by one; docs/reliability.md reports it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from eldercare.inputs import Project, load_project
from eldercare.inputs.joint import OWN
from eldercare.model import Results
from eldercare.report.html import Html, TwoFold

NOTEBOOKS = (
    "00_overview",
    "01_evidence",
    "02_population",
    "03_beds",
    "03_need",
    "04_meals",
    "05_services",
    "06_scenarios",
    "08_plan",
)
FEW = {"run.draws": 20}
# Parameters that act beside certain words only, there at both bounds.
LOW = {
    "supply.plan": "steady",
    "supply.beds_per_year": -20000,
    "need.morbidity": "shifted",
    "need.morbidity_share": -2,
    "population.graduation": "even",
    "run.horizon": 2100,
}
HIGH = {"supply.plan": "hold_need", "supply.catch_up_years": 30, "need.morbidity": "shifted", "need.morbidity_share": 2}
pytestmark = [pytest.mark.study, pytest.mark.filterwarnings("error::RuntimeWarning", "error::UserWarning")]


def turned(project: Project, end: str) -> dict[str, object]:
    """Return the parameters that are numbers at a bound, or at nought where it is allowed, else without interval."""
    values: dict[str, object] = {}
    for key, one in project.parameters.items():
        low, high = one.bounds
        if one.choices or key in FEW or key == "run.horizon":
            continue
        if end == "low":
            values[key] = low
        elif end == "high" and key not in OWN.values():
            values[key] = high
        elif end == "nought" and low <= 0 <= high:
            values[key] = 0
        elif end == "nought" and one.interval:
            # An interval of no width.
            values[key] = one.value
    return {key: int(value) if project.parameters[key].integer else value for key, value in values.items()}


@pytest.mark.parametrize("notebook", [*NOTEBOOKS, "07_reliability"])
@pytest.mark.parametrize("end", ["low", "high", "nought"])
def test_a_page_is_made_with_every_parameter_at(run_notebook, project, words, notebook, end):
    changed = {key.replace(".", "__"): value for key, value in (turned(project, end) | FEW).items()}
    shown = run_notebook(notebook, "deqing", "en", **changed)
    read = " ".join(words(cell) for cell in shown.values() if isinstance(cell, Html | TwoFold))
    assert len(read) > 200 and not re.search(r"\b(nan|inf)\b", read, re.IGNORECASE)


def test_where_nothing_varies_the_sensitivity_says_so(run_notebook, project, words):
    changed = {key.replace(".", "__"): value for key, value in (turned(project, "nought") | FEW).items()}
    shown = run_notebook("06_scenarios", "deqing", "en", **changed)
    assert "Nothing is left to vary" in words(shown["tornado-picture"])
    assert words(shown["knowing-picture"]).count("nothing is left to vary") == 2
    assert "None" not in words(shown["knowing-picture"])


@pytest.mark.parametrize(
    ("notebook", "changed"),
    [
        ("03_beds", {"supply.first_year": 2036}),
        ("03_beds", {"supply.institution_beds": 0, "supply.home_care_centre_beds": 0}),
        ("04_meals", {"supply.meal_points": 0}),
        ("02_population", {"mortality.level_year": 2000}),
        ("05_services", {"services.purchased": 0, "services.workers": 0}),
        ("03_beds", LOW),
        ("03_beds", HIGH),
        ("08_plan", {"supply.first_year": 2036}),
        ("08_plan", {"beds.norm": 5, "beds.nursing_target": 1.0}),
        ("08_plan", {"beds.norm": 5, "beds.nursing_target": 0, "services.workers": 0, "costs.insurance_share": 1}),
        ("06_scenarios", LOW),
        ("06_scenarios", HIGH),
    ],
)
def test_a_page_is_made_without_beds_points_or_services_and_with_unusual_years(run_notebook, words, notebook, changed):
    given = {key.replace(".", "__"): value for key, value in (changed | FEW).items()}
    shown = run_notebook(notebook, "deqing", "zh", **given)
    # A sentence never says that something is none years or beds.
    assert "无岁" not in (read := " ".join(words(cell) for cell in shown.values())) and len(read) > 200


@pytest.fixture
def county_of(project_copy):
    """Return a function that gives Deqing so many residents, and the city those that it has more or fewer."""

    def give(people: int) -> Path:
        times = people / 548_568
        for name in ("census_counties", "census_totals", "registered_population", "resident_population"):
            file = project_copy / "data/raw" / f"{name}.csv"
            with file.open(encoding="utf-8", newline="") as stream:
                rows = [row for row in csv.DictReader(stream)]
            counts = [row for row in rows if row["unit"] == "persons" and "household" not in row.get("indicator", "")]
            own = {(r["year"], r.get("indicator")): float(r["value"]) for r in counts if r["area"] == "deqing"}
            for row in counts:
                value = float(row["value"])
                part = own.get((row["year"], row.get("indicator")), 0.163 * value)
                change = (times - 1) * {"deqing": value, "huzhou": part}.get(row["area"], 0)
                row["value"] = str(round(value + change))
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        return project_copy

    return give


@pytest.mark.parametrize("people", [500, 5_000_000])
def test_a_county_of_any_size_has_results(county_of, people):
    results = Results("deqing", "baseline", FEW, load_project(county_of(people)))
    for name in ("population", "beds", "care_need", "meals", "services", "crossing"):
        frame = results.table(name)
        assert len(frame) and not np.isinf(frame.select_dtypes("number").to_numpy(float, na_value=0)).any()
    assert results.launch_population().to_numpy().sum() == pytest.approx(people, rel=0.001)
