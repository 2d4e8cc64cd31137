"""The front page says what the published tables hold: the answer, states, the map, what was made and changed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from eldercare.inputs import Project, load_project
from eldercare.publish.documents import fill
from eldercare.publish.front import Front, Published, beside
from eldercare.publish.pages import GLOSSARY, Labels, Shell
from eldercare.publish.request import PageAddress, notebooks_of
from eldercare.report import Page, beds
from eldercare.report.text import Text

YEARS = (2020, 2026, 2030, 2035, 2050)


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return load_project(root)


def tables(folder: Path, areas: list[str], met: object = 2034.0, gap: float = 100.0, norm: float = 50.0) -> Published:
    """Write made-up tables, the norm in force among others, and return what is read of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "area": area,
            "year": year,
            "bed_type": kind,
            "basis": basis,
            "supply": year / 2,
            "allocated": area != areas[0],
        }
        | {"elders_60plus": 20_000.0, "beds_per_1000": 50.0, "demand_ratio": 20 * norm, "demand_need": 900.0}
        | {
            f"gap_{ladder}_{q}": gap + add + (500 if basis == "resident" else 0)
            for ladder in ("ratio", "need")
            for q, add in (("mean", 0), ("p10", -60), ("p90", 70))
        }
        | {f"occupancy_as_today_{q}": 0.7 for q in ("mean", "p10", "p90")}
        for area, year, kind, basis in product(areas, YEARS, ("institution", "all"), ("resident", "registered"))
    ]
    pd.DataFrame(rows).to_csv(folder / "beds.csv", index=False)
    rows = [
        {"area": area, "norm": other, "basis": basis}
        | {
            f"met_again_year_{q}": met if (other, basis) == (norm, "registered") else 2041
            for q in ("p50", "p10", "p90")
        }
        for area, other, basis in product(areas, (norm - 9, norm, norm + 9), ("resident", "registered"))
    ]
    pd.DataFrame(rows).to_csv(folder / "crossing.csv", index=False)
    return Published(folder, "registered")


def front(project: Project, folder: Path, pages: dict[PageAddress, dict] | None = None, **given: object) -> Front:
    results = {"baseline": tables(folder / "tables" / "baseline", list(project.areas), **given)}
    labels = Labels.of(project, notebooks_of(project))
    page = Page("beds", project.city.id, "baseline", {"run.draws": 20}, "en", project)
    return Front(page, Text("en", labels.words["en"]), labels, pages or {}, results)


def test_the_answer_begins_with_what_was_counted_and_is_that_of_the_page_of_beds(project, tmp_path):
    page = front(project, tmp_path)
    answer = page.answer()
    assert answer.startswith("Huzhou reported 39,467 care beds in 2018")
    assert all(sentence in answer for sentence in beds.said(page.page))
    assert "registered residents aged 60+ in 2026" in answer and "80% interval" in answer


def test_of_several_norms_and_bases_the_one_in_force_counts(project, tmp_path):
    results = tables(tmp_path, list(project.areas), met=2031, norm=44.0)
    assert set(results.crossing["norm"]) == {44.0} and set(results.crossing["met_again_year_p50"]) == {2031}
    assert (results.basis, results.other) == ("registered", "resident")


@pytest.mark.parametrize(("gap", "state"), [(61, "short"), (60, "open"), (-69, "open"), (-70, "enough")])
def test_a_state_is_that_of_the_whole_interval(project, tmp_path, gap, state):
    page = front(project, tmp_path, gap=float(gap))
    assert (
        page.gap("baseline", "anji", 2035)["state"] == page.gap("baseline", "anji", 2050, "gap_need")["state"] == state
    )
    other = page.gap("baseline", "anji", 2030, other=True)
    assert (other["mean"], other["state"]) == (gap + 500, "short")


def test_what_a_scenario_adds_and_when_the_norm_is_met_again(project, tmp_path):
    page = front(project, tmp_path)
    assert page.built("baseline", 2035) == {"value": "+" + page.t.rounded((2035 - 2020) / 2)}
    assert page.met("baseline") == {"value": "2034", "interval": ""}
    page.results["baseline"].crossing.loc["huzhou", "met_again_year_p90"] = None
    assert page.met("baseline")["interval"] == "2034 to after 2050"


def test_the_glossary_has_each_term_in_both_languages(project, tmp_path):
    shell = Shell(language="zh", words={"city": "湖州市"}, heading="", run_id="1", languages=())
    page = beside(shell, Text("zh", {"city": "湖州市"}), "glossary", GLOSSARY)
    assert page.count("<tr id=") > 20 and "<h1>术语表</h1>" in page
    row = page[page.index('<tr id="gap">') :]
    assert "缺口" in row and '<td lang="en">gap</td>' in row and "需求减供给" in row


def test_only_pages_that_were_made_are_linked(project, tmp_path):
    made = [("anji", "00_overview"), ("huzhou", "07_reliability")]
    page = front(
        project,
        tmp_path,
        {PageAddress("en", "baseline", *place): (f"en/baseline/{'/'.join(place)}", {}) for place in made},
    )
    assert page.link("Anji", "baseline", "anji").href == "en/baseline/anji/00_overview.html"
    assert page.link("Deqing", "baseline", "deqing").href is None
    assert [link.href for link in page.checks()] == ["en/baseline/huzhou/07_reliability.html"]


def test_changed_values_are_told_where_the_pages_are_listed(project, tmp_path):
    here, other = PageAddress("zh", "baseline", "anji", "03_beds"), PageAddress("en", "combined", "anji", "03_beds")
    page = front(project, tmp_path, {here: ("", {"beds.norm": 55}), other: ("", {"x": 1})})
    assert page.changed_values("baseline", "anji") == "beds.norm = 55"
    assert page.changed_values("baseline", "deqing") == ""


def test_changed_tables_are_offered_beside_the_scenarios_own(project, tmp_path):
    page = front(project, tmp_path)
    assert page.folders("baseline") == {"baseline": False}
    (tmp_path / "tables" / "baseline-set").mkdir()
    assert page.folders("baseline") == {"baseline": False, "baseline-set": True}
    shown = document(page)
    assert 'href="data/baseline-set.xlsx"' in shown and 'href="data/baseline-set/datapackage.json"' in shown


def test_every_county_has_a_place_of_its_own_on_the_map(project):
    tiles = project.city.map.tiles
    cells = []
    for tile in (*tiles.values(), *project.city.map.waters):
        cells += product(*(range(first, last + 1) for first, last in (tile.rows, tile.columns)))
    assert len(cells) == len(set(cells)) and set(tiles) == set(project.counties)


def given(page: Front, city: object) -> Front:
    """Return a page of a city that differs in something."""
    project = replace(page.page.run.project, city=city)
    return replace(page, page=Page("beds", city.id, "baseline", {"run.draws": 20}, "en", project))


def document(page: Front) -> str:
    """Return the page as the template makes it, without its chart."""
    labels = page.labels
    shell = Shell(language="en", words=labels.words["en"], heading="How long?", run_id="1", languages=())
    return fill("front.html.j2", shell, front=page, counted_in=2020, chart="<svg></svg>", tables={})


def test_a_county_without_a_place_is_shown_below_and_a_city_without_a_map_has_none(project, tmp_path):
    page = front(project, tmp_path)
    tiles = {name: tile for name, tile in project.city.map.tiles.items() if name != "anji"}
    part = project.city.map.model_copy(update={"tiles": tiles})
    few = given(page, project.city.model_copy(update={"map": part}))
    (top, bottom), (left, right) = tiles["deqing"].rows, tiles["deqing"].columns
    place = f'style="grid-area: {top} / {left} / {bottom + 1} / {right + 1}"'
    assert '<li class="tile anji short"><strong>' in document(few)
    assert f'class="tile deqing short" {place}' in document(few)
    none = given(page, project.city.model_copy(update={"map": None}))
    assert "tile" not in document(none) and "#map" not in document(none)


def test_a_scenario_alone_is_not_compared(project, tmp_path):
    page = front(project, tmp_path)
    assert 'id="compared"' not in document(page)
    more = page.results | {"combined": page.results["baseline"]}
    shown = document(replace(page, results=more))
    assert 'id="compared"' in shown and "70%" in shown and "if as many apply as today" in shown


def test_a_link_to_an_area_of_a_scenario_leads_to_a_page_of_its_own_before_one_that_stands_under_another(
    project, tmp_path
):
    own, shared = (PageAddress("en", "combined", "deqing", name) for name in ("03_beds", "00_overview"))
    pages = {shared: ("en/baseline/deqing/00_overview", {}), own: ("en/combined/deqing/03_beds", {})}
    shown = front(project, tmp_path, pages)
    assert shown.link("Deqing", "combined", "deqing").href == "en/combined/deqing/03_beds.html"
    assert shown.link("Deqing", "combined", "deqing", "00_overview").href == "en/baseline/deqing/00_overview.html"
    del pages[own]
    assert shown.link("Deqing", "combined", "deqing").href == "en/baseline/deqing/00_overview.html"
