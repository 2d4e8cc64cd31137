"""The front page says what the published tables hold: the answer, states, the map, what was made and changed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from eldercare.inputs import Project, load_project
from eldercare.publish.documents import fill
from eldercare.publish.front import Front, Published
from eldercare.publish.pages import Labels, Shell
from eldercare.publish.request import PageAddress, notebooks_of
from eldercare.report.text import Text

YEARS = (2020, 2030, 2035, 2050)


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return load_project(root)


def tables(
    folder: Path, areas: list[str], crossing: object = 2024.0, gap: float = 100.0, norm: float = 50.0
) -> Published:
    """Write made-up tables, the norm in force among others, and return what is read of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"area": area, "year": year, "bed_type": kind, "supply": 1000.0, "allocated": area != areas[0]}
        | {"elders_60plus": 20_000.0, "beds_per_1000": 50.0, "demand_ratio": 20 * norm, "demand_need": 900.0}
        | {
            f"gap_{ladder}_{q}": gap + add
            for ladder in ("ratio", "need")
            for q, add in (("mean", 0), ("p10", -60), ("p90", 70))
        }
        for area, year, kind in product(areas, YEARS, ("institution", "all"))
    ]
    pd.DataFrame(rows).to_csv(folder / "beds.csv", index=False)
    meals = [{"area": a, "year": y, "gap_mean": 5.0, "gap_p10": -1.0, "gap_p90": 9.0} for a, y in product(areas, YEARS)]
    pd.DataFrame(meals).to_csv(folder / "meals.csv", index=False)
    rows = [
        {"area": area, "norm": other, "elders_basis": "resident"}
        | {f"crossing_year_{q}": crossing if other == norm else 2021 for q in ("p50", "p10", "p90")}
        for area, other in product(areas, (norm - 9, norm, norm + 9))
    ]
    pd.DataFrame(rows).to_csv(folder / "crossing.csv", index=False)
    return Published(folder)


def front(project: Project, folder: Path, pages: dict[PageAddress, dict] | None = None, **given: object) -> Front:
    results = {"baseline": tables(folder / "tables" / "baseline", list(project.areas), **given)}
    labels = Labels.of(project, notebooks_of(project))
    return Front(project, Text("en", labels.words["en"]), labels, pages or {}, results)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ("until the end of 2023; from 2024 on they are below it", "about 100 beds are missing", "40 to 170")),
        ({"crossing": 2020}, ("already at the end of 2020",)),
        ({"crossing": None, "gap": -100.0}, ("stay at or above the norm of 50", "about 100 beds above")),
    ],
)
def test_the_answer_says_how_long_beds_last_and_what_is_missing(project, tmp_path, given, said):
    page = front(project, tmp_path, **given)
    answer = page.answer()
    assert "1,000 care beds" in answer or "beds (1,000 in 2020)" in answer
    assert [words for words in said if words not in answer] == []


def test_of_several_norms_the_one_in_force_counts(project, tmp_path):
    results = tables(tmp_path, list(project.areas), crossing=2031, norm=44.0)
    assert set(results.crossing["norm"]) == {44.0} and set(results.crossing["crossing_year_p50"]) == {2031}


@pytest.mark.parametrize(("gap", "state"), [(61, "short"), (60, "open"), (-69, "open"), (-70, "enough")])
def test_a_state_is_that_of_the_whole_interval(project, tmp_path, gap, state):
    page = front(project, tmp_path, gap=float(gap))
    assert (
        page.gap("baseline", "anji", 2035)["state"] == page.gap("baseline", "anji", 2050, "gap_need")["state"] == state
    )
    meals = {"state": "open", "mean": 5, "value": "5", "interval": "\N{MINUS SIGN}1 to 9"}
    assert page.gap("baseline", "anji", 2030, "gap", "meals") == meals


def test_a_crossing_year_has_its_interval_where_it_is_one(project, tmp_path):
    page = front(project, tmp_path, crossing=2024)
    assert page.crossing("baseline", "anji") == {"value": "2024", "interval": ""}
    page.results["baseline"].crossing.loc["anji", "crossing_year_p90"] = None
    assert page.crossing("baseline", "anji")["interval"] == "2024 to not by 2050"


def test_only_pages_that_were_made_are_linked(project, tmp_path):
    made = [("anji", "03_beds"), ("huzhou", "07_reliability")]
    page = front(project, tmp_path, {PageAddress("en", "baseline", *place): {} for place in made})
    assert page.link("Anji", "baseline", "anji").href == "en/baseline/anji/03_beds.html"
    assert page.link("Deqing", "baseline", "deqing").href is None
    assert [link.href for link in page.checks()] == ["en/baseline/huzhou/07_reliability.html"]


def test_changed_values_are_told_where_the_pages_are_listed(project, tmp_path):
    here, other = PageAddress("zh", "baseline", "anji", "03_beds"), PageAddress("en", "combined", "anji", "03_beds")
    page = front(project, tmp_path, {here: {"beds.norm": 55}, other: {"x": 1}})
    assert page.changed_values("baseline", "anji") == "beds.norm = 55"
    assert page.changed_values("baseline", "deqing") == ""


def test_changed_tables_are_offered_beside_the_scenarios_own(project, tmp_path):
    page = front(project, tmp_path)
    assert [links[0].href for links in page.downloads("baseline").values()] == ["data/baseline.xlsx"]
    (tmp_path / "tables" / "baseline+set").mkdir()
    files = page.downloads("baseline")[True]
    assert [link.href for link in (files[0], files[-1])] == [
        "data/baseline+set.xlsx",
        "data/baseline+set/datapackage.json",
    ]


def test_every_county_has_a_place_of_its_own_on_the_map(project):
    tiles = project.city.map.tiles
    cells = []
    for tile in (*tiles.values(), *project.city.map.waters):
        top, left, bottom, right = map(int, Front.place(tile).split(" / "))
        cells += product(range(top, bottom), range(left, right))
    assert len(cells) == len(set(cells)) and set(tiles) == set(project.counties)


def document(page: Front) -> str:
    """Return the page as the template makes it, without its chart."""
    labels = page.labels
    shell = Shell(language="en", words=labels.words["en"], title="", heading="How long?", run_id="1", languages=())
    return fill("front.html.j2", shell, front=page, city=page.project.city, chart="<svg></svg>")


def test_a_county_without_a_place_is_shown_below_and_a_city_without_a_map_has_none(project, tmp_path):
    page = front(project, tmp_path)
    tiles = {name: tile for name, tile in project.city.map.tiles.items() if name != "anji"}
    part = project.city.map.model_copy(update={"tiles": tiles})
    few = replace(page, project=replace(project, city=project.city.model_copy(update={"map": part})))
    assert '<li class="tile anji short"><strong>' in document(few) and 'class="tile deqing short" style=' in document(
        few
    )
    none = replace(page, project=replace(project, city=project.city.model_copy(update={"map": None})))
    assert "tile" not in document(none) and "#map" not in document(none)


def test_a_scenario_alone_is_not_compared(project, tmp_path):
    page = front(project, tmp_path)
    assert 'id="compared"' not in document(page)
    more = page.results | {"combined": page.results["baseline"]}
    assert 'id="compared"' in document(replace(page, results=more))
