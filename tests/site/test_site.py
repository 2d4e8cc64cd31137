"""The published site: every page there, honest, linked, offline; overrides and failures leave the rest alone."""

from __future__ import annotations

import csv
import hashlib
import html
import itertools
import json
import os
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.publish import Request, compare, publish

AREAS = ("huzhou", "wuxing", "nanxun", "deqing", "changxing", "anji")
SCENARIOS = (
    "baseline",
    "ageing_in_place",
    "combined",
    "high_longevity",
    "hold_the_norm",
    "low_migration",
    "meals_for_all",
    "occupancy_first",
    "planned_pipeline",
)
NOTEBOOKS = ("01_evidence", "02_population", "03_beds", "04_meals", "05_services", "06_scenarios", "07_reliability")
# DESIGN.md: the first columns of each table, in this order.
COLUMNS = {
    "population": ["scenario", "area", "basis", "year", "sex", "age_group", "mean", "p10", "p50", "p90"],
    "beds": [
        "scenario",
        "area",
        "year",
        "bed_type",
        "supply",
        "allocated",
        "elders_60plus",
        "beds_per_1000",
        "demand_ratio",
        "demand_need",
        "gap_ratio_p50",
        "gap_ratio_p10",
        "gap_ratio_p90",
        "gap_need_p50",
        "gap_need_p10",
        "gap_need_p90",
    ],
    "meals": [
        "scenario",
        "area",
        "year",
        "points",
        "meals_supply_per_day",
        "meals_demand_per_day_p10",
        "meals_demand_per_day_p50",
        "meals_demand_per_day_p90",
        "points_per_10000",
        "gap",
    ],
    "crossing": [
        "scenario",
        "area",
        "norm",
        "crossing_year_p50",
        "crossing_year_p10",
        "crossing_year_p90",
        "probability_by_2030",
        "beds_per_year_to_hold",
    ],
    "services": ["scenario", "area", "year", "service"],
}


class Reader(HTMLParser):
    """Collects what the tests look at."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.resources, self.ids, self.headings, self.svgs, self.language = [], [], [], [], [], ""
        self.titles = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name in ("src", "srcset", "data", "poster"):
            if name in given and tag != "a":
                self.resources.append(given[name])
        if tag == "link":
            self.resources.append(given["href"])
        if tag == "html":
            self.language = given["lang"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg":
            self.svgs.append(given)
        self.titles += tag == "title"


@cache
def read(file: Path) -> Reader:
    """Return what a page of the published site holds; those that a test changes are not read here."""
    return Reader(file.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def digests(folder: Path) -> dict[str, str]:
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.name != ".run"
    }


@pytest.mark.pages
def test_every_shipped_scenario_area_and_notebook_has_its_page_and_notebook(published, site):
    assert tuple(published.scenarios) == SCENARIOS
    for scenario, area, notebook in itertools.product(SCENARIOS, AREAS, NOTEBOOKS):
        if "ELDERCARE_PUBLISHED" in os.environ or "baseline" == scenario or notebook == "03_beds" or area == "anji":
            stem = f"en/{scenario}/{area}/{notebook}"
            assert (site / f"{stem}.html").is_file(), stem
            assert (site.parent / "notebooks" / f"{stem}.ipynb").is_file(), stem
    assert (site / "zh" / "baseline" / "deqing" / "03_beds.html").is_file()


def test_headings_name_area_and_scenario_and_code_is_shown_in_folds_only(published, site):
    for scenario in SCENARIOS:
        for area in AREAS:
            text = (site / "en" / scenario / area / "03_beds.html").read_text(encoding="utf-8")
            name = "Huzhou" if area == "huzhou" else published.counties[area].label["en"]
            assert f"<h1>Beds: {name}, {published.scenarios[scenario].label['en']}</h1>" in text
            assert "import " not in re.sub(r'<(style|details class="how").*?</(style|details)>', "", text, flags=re.S)
            assert "This cell is not published" not in text


@pytest.mark.pages
def test_pages_are_well_made(site):
    for file in pages(site):
        page = read(file)
        assert page.headings[0] == 1 and page.headings.count(1) == 1, file
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False)), file
        assert len(page.ids) == len(set(page.ids)), (file, [i for i in page.ids if page.ids.count(i) > 1][:3])
        assert page.language == (
            "zh-CN" if "zh" in file.relative_to(site).parts or file.name == "index.zh.html" else "en"
        )
        assert all(svg.get("role") == "img" and svg.get("aria-labelledby") for svg in page.svgs), file
        assert file.stat().st_size < 400_000, file


@pytest.mark.pages
def test_no_page_asks_another_host_for_anything(site):
    for file in pages(site):
        text = file.read_text(encoding="utf-8")
        for resource in read(file).resources:
            assert not re.match(r"(https?:)?//", resource), (file, resource)
        scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.S)
        for given, body in scripts:
            # Data, or the one script of the site: no code stands in a page.
            assert 'type="application/json"' in given or given == ' src="../../../assets/what-if.js" defer'
            assert 'type="application/json"' in given or not body
        assert text.count("<script") == len(scripts)
        assert not re.search(r"<[^>]*\son[a-z]+\s*=|javascript:", text), file
        assert "@import" not in text, file
    assert not re.search(r"url\(['\"]?(https?:)?//", (site / "assets" / "site.css").read_text(encoding="utf-8"))


@pytest.mark.pages
def test_every_link_leads_to_a_file_and_a_place_in_it(site):
    ids = {file: set(read(file).ids) for file in pages(site)}
    for file in pages(site):
        page = read(file)
        for link in [*page.links, *page.resources]:
            if link.startswith(("http://", "https://", "data:")):
                continue
            path, fragment = urldefrag(unquote(link))
            target = (file.parent / path).resolve() if path else file
            assert target.is_file(), (file, link)
            if fragment and target in ids:
                assert fragment in ids[target], (file, link)


@pytest.mark.parametrize(
    ("start", "name", "end"),
    [
        ("zh/baseline/deqing/03_beds", "安吉县", "zh/baseline/huzhou/03_beds"),
        ("en/baseline/anji/04_meals", "中文", "zh/baseline/huzhou/04_meals"),
        ("en/hold_the_norm/anji/04_meals", "中文", "index.zh"),
    ],
)
def test_a_switch_to_a_page_that_was_not_made_leads_to_the_nearest(site, start, name, end):
    file = site / f"{start}.html"
    (link,) = set(re.findall(rf'<a [^>]*href="([^"]+)"[^>]*>{name}</a>', file.read_text(encoding="utf-8")))
    assert (file.parent / link).resolve() == (site / f"{end}.html").resolve()


@pytest.mark.pages
def test_the_web_fonts_have_every_character_of_the_pages(site):
    shown = set("".join(html.unescape(re.sub(r"<[^>]+>", "", f.read_text(encoding="utf-8"))) for f in pages(site)))
    # The .otf beside it was written from the same characters; reading woff2 would need another library.
    fonts = Path(__file__).parents[2] / "src" / "eldercare" / "report" / "fonts"
    for font in sorted((site / "assets" / "fonts").glob("*.woff2")):
        with TTFont(fonts / font.with_suffix(".otf").name) as one:
            assert shown - set(map(chr, one.getBestCmap())) - set("\n\t") == set(), font.name


@pytest.mark.pages
def test_every_county_has_its_place_on_the_map(published, site):
    style = (site / "assets" / "site.css").read_text(encoding="utf-8")
    rows = [row.split() for row in re.findall(r'^\s+"([\w .]+)"', style, re.M)]
    for county in published.counties:
        places = {(r, c) for r, row in enumerate(rows) for c, name in enumerate(row) if name == county}
        height, width = (len({place[axis] for place in places}) for axis in (0, 1))
        assert places and height * width == len(places), county
        assert f".{county} {{ grid-area: {county}; }}" in style


@pytest.mark.pages
def test_chinese_pages_hold_no_left_over_english_sentence(site):
    for file in sorted((site / "zh").rglob("*.html")):
        text = re.sub(
            r"<small>.*?</small>|<code>.*?</code>|<svg.*?</svg>", "", file.read_text(encoding="utf-8"), flags=re.S
        )
        for paragraph in re.findall(r"<(?:p|h1|h2|caption|figcaption|summary)\b[^>]*>(.*?)</", text, flags=re.S):
            words = re.sub(r"<[^>]+>|[\w/.]+\.(csv|json)|config/\w+|data/raw", "", paragraph)
            assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", words), (file, paragraph)


def test_each_chart_offers_its_numbers_and_the_tables_of_its_topic(site):
    for topic in ("02_population", "03_beds", "04_meals"):
        text = (site / "en" / "baseline" / "deqing" / f"{topic}.html").read_text(encoding="utf-8")
        charts = re.findall(r'<figure class="chart".*?</figure>', text, re.S)
        assert charts
        for chart in charts:
            assert 'href="data:text/csv;base64,' in chart
            assert re.search(r'href="../../../data/baseline/\w+\.csv"', chart)


@pytest.mark.pages
def test_every_page_is_one_click_from_how_sure_and_where_from(site):
    for file in sorted((site / "en").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert 'href="#provenance"' in text, file
        for topic in ("07_reliability", "01_evidence"):
            if file.stem != topic and file.with_name(f"{topic}.html").is_file():
                assert f"{file.parent.name}/{topic}.html" in text, file


def test_the_front_page_answers_first(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    assert text.index('class="answer"') < text.index("<svg") < text.index('id="counties"')
    assert "39,467" in text[text.index('class="answer"') :][:400]
    assert "2023" in text[text.index('class="answer"') :][:400]


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("table", COLUMNS)
def test_tables_have_the_columns_of_the_contract_and_a_description_of_each(published, scenario, table):
    folder = published.root / "outputs" / "tables" / scenario
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    assert header[: len(COLUMNS[table])] == COLUMNS[table]
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(r for r in package["resources"] if r["name"] == table)
    assert [field["name"] for field in resource["schema"]["fields"]] == header
    assert all(field["description"] and field["unit"] for field in resource["schema"]["fields"])


def test_beds_csv_has_all_areas_and_every_year(published):
    frame = pd.read_csv(published.root / "outputs" / "tables" / "baseline" / "beds.csv")
    assert set(frame["area"]) == set(AREAS)
    counts = frame.groupby("area")["year"].agg(["min", "max", "nunique"])
    assert counts.eq([2020, 2050, 31]).all(axis=None)


def test_the_manifest_names_inputs_parameters_versions_and_seed(published):
    newest = sorted((published.root / "outputs" / "runs").glob("*.json"))[-1]
    manifest = json.loads(newest.read_text(encoding="utf-8"))
    assert len(manifest["inputs"]["data/raw/report_2018.csv"]) == 64
    assert manifest["seed"]["baseline"] == 2018
    assert manifest["parameters"]["baseline"]["huzhou"]["beds.norm"]["trail"][0]["source"] == "SEED"
    assert "numpy" in manifest["versions"]


def test_nothing_changed_nothing_is_executed(small, capsys):
    before = digests(small.root / "outputs")
    assert publish(small, Request(scenarios=("baseline",), language="en")) == 0
    assert "0 pages executed" in capsys.readouterr().out
    assert digests(small.root / "outputs") == before


def test_set_changes_only_the_pages_of_the_county_that_read_it_and_says_so_there(small, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(small.root))
    outputs = small.root / "outputs"
    before = digests(outputs)
    assert main(["run", "--area", "deqing", "--scenario", "baseline", "--language", "en", "--set", "beds.norm=55"]) == 0
    after = digests(outputs)
    pages_changed = {name for name in after if name.endswith(".ipynb") and after[name] != before.get(name)}
    assert pages_changed == {f"notebooks/en/baseline/deqing/{name}.ipynb" for name in ("03_beds", "06_scenarios")}
    changed = (outputs / "site" / "en" / "baseline" / "deqing" / "03_beds.html").read_text(encoding="utf-8")
    assert 'class="override"' in changed and "55 instead of 50" in changed
    other = (outputs / "site" / "en" / "baseline" / "deqing" / "02_population.html").read_text(encoding="utf-8")
    assert 'class="override"' not in other
    assert all(after[n] == before[n] for n in before if n.startswith("tables/baseline/"))
    assert (outputs / "tables" / "baseline+set" / "beds.csv").is_file()
    assert "beds.norm = 55" in (outputs / "site" / "index.html").read_text(encoding="utf-8")
    assert main(["run", "--area", "deqing", "--scenario", "baseline", "--language", "en", "-q"]) == 0
    assert not (outputs / "tables" / "baseline+set").exists()
    assert 'class="override"' not in (outputs / "site" / "en" / "baseline" / "deqing" / "03_beds.html").read_text(
        encoding="utf-8"
    )


def test_a_failing_notebook_is_told_with_its_cell_and_the_last_good_site_stays(small, capsys):
    file = small.root / "notebooks" / "04_meals.ipynb"
    broken = json.loads(file.read_text(encoding="utf-8"))
    broken["cells"][-1]["source"] = ["1 / 0"]
    broken["cells"][-1]["id"] = "broken-cell"
    file.write_text(json.dumps(broken), encoding="utf-8")
    before = digests(small.root / "outputs")
    request = Request(scenarios=("baseline",), areas=("anji",), language="en")
    assert publish(load_project(small.root), request) == 1
    said = capsys.readouterr().err
    assert "en/baseline/anji/04_meals: cell broken-cell: failed" in said and "ZeroDivisionError" in said
    assert digests(small.root / "outputs") == before
    assert not (small.root / "outputs" / ".staging").exists()


def test_a_wrong_name_ends_with_status_2_and_publishes_nothing(small, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(small.root))
    before = digests(small.root / "outputs")
    assert main(["run", "--area", "deqin"]) == 2
    assert "did you mean deqing" in capsys.readouterr().err
    assert main(["run", "--notebook", "03_bed"]) == 2
    assert "did you mean 03_beds" in capsys.readouterr().err
    assert digests(small.root / "outputs") == before


def test_compare_tells_what_differs_and_what_follows(published):
    text = compare(published, ["baseline", "hold_the_norm"])
    assert "supply.plan" in text and "hold_norm" in text
    assert "ranking of the counties" in text
