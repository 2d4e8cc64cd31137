"""Another city on the same suite: the example of Jiaxing, its numbers, its words, and what is assumed in it."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest

from eldercare.inputs import load_project
from eldercare.model import Run
from eldercare.report import Page, beds
from tests.invented import CITY, COUNTIES, invented_city
from tests.site.conftest import copy_of
from tests.site.faults import complete, here, set_run, shorten

ASKED = ("--area", "jiaxing", "haining", "--notebook", "00_overview", "02_population", "03_beds", "07_reliability")
# Pages of a county of the invented city, beside all of the city's.
OF_COUNTY = ("03_beds", "08_plan")


@pytest.fixture(scope="module")
def example(root: Path, once) -> Path:
    """Return a copy of the example, without notebooks of its own, of which some pages were published."""

    def make(target: Path) -> None:
        for folder in ("config", "data/raw"):
            shutil.copytree(root / "examples" / "jiaxing" / folder, target / folder)
        for file in (target / "config" / "scenarios").glob("*.yaml"):
            if file.stem != "baseline":
                file.unlink()
        set_run(target, "draws", 20)
        shorten(target, 2040)
        assert here(target, "run", *ASKED, "-q") == (0, "", "")
        assert complete(target) == []

    return once("jiaxing", make)


def words(page: Path) -> str:
    """Return what a page says, pictures included."""
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", page.read_text(encoding="utf-8"))
    # Titles of publications are what they are.
    text = re.sub(r'(?s)<div id="data-sources">.*?</details></div>', "", text)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def test_its_inputs_are_sound(root: Path):
    status, out, error = here(root / "examples" / "jiaxing", "check")
    assert (status, error) == (0, "") and "7 counties" in out


def test_no_page_has_a_word_of_the_shipped_city(root: Path, example: Path):
    shipped, project = load_project(root), load_project(example)
    names = {*shipped.areas, *(shipped.label(area, language) for area in shipped.areas for language in ("en", "zh"))}
    names |= {name.rstrip("市县区") for name in names if len(name) > 2} | {"Lake Tai", "太湖"}
    # The year of its report, which is no part of a number.
    pattern = re.compile("|".join([*map(re.escape, sorted(names)), r"(?<![\d,.])2018(?![\d,])"]), re.IGNORECASE)
    pages = [*(example / "outputs" / "site").rglob("*.html")]
    assert len(pages) >= 20
    assert {(page.name, hit[0]) for page in pages for hit in pattern.finditer(words(page))} == set()
    for area in ("jiaxing", "haining"):
        for language in ("en", "zh"):
            page = example / "outputs" / "site" / language / "baseline" / area / "02_population.html"
            assert project.label(area, language) in words(page)


def test_people_at_launch_are_those_that_were_published(example: Path):
    project = load_project(example)
    bands = project.table("census_bands").query("age_group == '60+' and sex == 'total' and year == 2020")
    published = bands.set_index("area")["value"]
    for area in ("jiaxing", "haining", "pinghu"):
        elders = Run(area, project=project).elders(basis="resident")[0].mean()
        assert elders == pytest.approx(published[area], rel=5e-4)
    totals = project.table("census_totals").query("year == 2020").set_index("area")["value"]
    assert Run("jiaxing", project=project).launch.resident.sum() == pytest.approx(totals["jiaxing"], rel=1e-9)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_assumed_is_not_called_reported(example: Path, language: str):
    site = example / "outputs" / "site"
    for area in ("jiaxing", "haining"):
        for name in ("00_overview", "03_beds"):
            text = (site / language / "baseline" / area / f"{name}.html").read_text(encoding="utf-8")
            tags = set(re.findall(r'class="?tag ([a-z]+)', text))
            assert "assumed" in tags and "reported" not in tags, (area, name)
    front = words(site / ("index.html" if language == "en" else "index-zh.html"))
    assert {"en": "57,000 are assumed for 2020", "zh": "2020年按设定数57,000张计"}[language] in front


def test_a_project_without_notebooks_follows_those_of_the_suite(example: Path):
    assert not (example / "notebooks").exists()
    status, out, error = here(example, "run", *ASKED, "--dry-run")
    assert (status, error) == (0, "") and out.startswith("0 pages would be executed, 16 kept"), out


def test_a_count_takes_the_place_of_what_was_assumed(example: Path, tmp_path: Path):
    city = shutil.copytree(example, tmp_path / "city", ignore=shutil.ignore_patterns("outputs"))
    assert "assumed" in str(beds.answer(Page("beds", "jiaxing", project=load_project(city))))
    with (city / "data/raw/observations.csv").open("a", encoding="utf-8") as table:
        table.write("jiaxing,2023,beds_total,61000,beds,true,ASSUMED,a trial,news,\n")
    page = Page("beds", "jiaxing", project=load_project(city))
    assert "Beds as reported for Jiaxing in 2023" in str(beds.answer(page))
    assert page.run.bed_supply()[page.run.position(2023)].mean() == pytest.approx(61_000)


@pytest.fixture(scope="module")
def invented(root: Path, tmp_path_factory) -> Path:
    """Return a city from templates with every page of the city in Chinese, and some of a county in English."""
    city = invented_city(copy_of(root, tmp_path_factory.mktemp("cities") / "project"))
    set_run(city, "draws", 20)
    for area, language, *notebooks in ((CITY, "zh"), (COUNTIES[0], "en", "--notebook", *OF_COUNTY)):
        asked = ("--area", area, "--scenario", "baseline", "--language", language, *notebooks)
        assert here(city, "run", *asked, "-q") == (0, "", "")
    assert complete(city) == []
    return city


def test_a_city_of_other_years_from_templates_goes_through_every_notebook(root: Path, invented: Path):
    names = {file.stem for file in (root / "notebooks").glob("*.ipynb")}
    for area, language, expected in ((CITY, "zh", names), (COUNTIES[0], "en", {*OF_COUNTY})):
        folder = invented / "outputs" / "site" / language / "baseline" / area
        assert {file.stem for file in folder.glob("*.html")} == expected
    population = (invented / "outputs" / "tables" / "baseline" / "population.csv").read_text(encoding="utf-8")
    assert {line.split(",")[3] for line in population.splitlines()[1:]} == {str(year) for year in range(2015, 2051)}


def test_its_pages_say_its_years_and_call_its_figures_assumed(invented: Path):
    site = invented / "outputs" / "site"
    chinese = words(site / "zh" / "baseline" / CITY / "03_beds.html")
    english = words(site / "en" / "baseline" / COUNTIES[0] / "03_beds.html")
    assert "临湖市" in chinese and "2013年" in chinese and "Donghu" in english
    assert "2018年报告" not in re.sub("借用湖州市：[^ ]*", "", chinese)
    front = words(site / "index-zh.html")
    assert "2013年按设定数9,000张计" in front


def test_its_launch_has_the_residents_that_were_filled_in(invented: Path):
    project = load_project(invented)
    assert Run(COUNTIES[1], project=project).launch.resident.sum() == pytest.approx(900_000)
