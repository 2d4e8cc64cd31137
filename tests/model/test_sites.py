"""Sites of meal points: a small made table, in a copy of the project."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from eldercare.inputs import InputError, load_project
from eldercare.model import Results

FEW = {"run.draws": 40}


SITES = [
    # site, area, name, kind, lon, lat, elders: places on a line, 0.01 degrees of longitude = 0.958 km.
    ("a", "deqing", "Made A", "existing", 119.95, 30.53, 100),
    ("b", "deqing", "Made B", "candidate", 119.97, 30.53, 80),
    ("c", "deqing", "Made C", "candidate", 119.98, 30.53, 90),
    ("d", "deqing", "Made D", "candidate", 119.99, 30.53, 70),
    ("e", "deqing", "Made E", "candidate", 120.05, 30.53, 160),
]


def write_sites(root, rows):
    with (root / "data" / "raw" / "meal_point_sites.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("site area name kind lon lat elders source_id quality note".split())
        writer.writerows([*row, "SEED", "derived", "made for a test"] for row in rows)


def test_a_table_of_sites_gives_coverage_and_the_best_new_sites(project_copy):
    write_sites(project_copy, SITES)
    project = load_project(project_copy)
    changed = FEW | {"meals.new_sites": 1, "meals.radius": 1.0}
    found = Results("deqing", "baseline", changed, project).catchment
    assert (len(found.existing), len(found.candidates)) == (1, 4)
    assert found.share("now") == pytest.approx(0.2)
    # C reaches B, C and D: 240 of 500; E alone has more elders than any single one of them.
    assert list(found.chosen["site"]) == ["c"] and found.share("then") == pytest.approx(0.68)
    wide = Results("deqing", "baseline", changed | {"meals.radius": 3.0}, project).catchment
    assert wide.share("now") > found.share("now")
    both = Results("deqing", "baseline", changed | {"meals.new_sites": 2}, project).catchment
    assert list(both.chosen["site"]) == ["c", "e"] and both.share("then") == pytest.approx(1)


def test_places_of_their_own_say_where_the_elders_live(project_copy):
    write_sites(project_copy, [(*row[:6], "") for row in SITES])
    with pytest.raises(InputError, match=r"meal_point_sites.csv row 2: elders.*meal_demand_places.csv"):
        _ = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
    places = pd.DataFrame(
        {
            "place": ["p", "q"],
            "area": "deqing",
            "name": ["P", "Q"],
            "lon": [119.951, 120.051],
            "lat": 30.53,
            "elders": [300, 100],
            "source_id": "SEED",
            "quality": "derived",
            "note": "",
        }
    )
    places.to_csv(project_copy / "data" / "raw" / "meal_demand_places.csv", index=False)
    found = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
    assert found.share("now") == pytest.approx(0.75) and list(found.chosen["site"]) == ["e"]


def test_longitude_and_latitude_exchanged_are_refused(project_copy):
    write_sites(project_copy, [("a", "deqing", "A", "existing", 30.53, 119.95, 10)])
    with pytest.raises(InputError, match=r"row 2: lon = '30.53'.*below the minimum 73"):
        _ = Results("deqing", "baseline", FEW, load_project(project_copy)).catchment
