"""The published site: every page there, honest, linked, offline; overrides and failures leave the rest alone."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from eldercare.cli import main
from eldercare.inputs import Project, load_project
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from tests.site.conftest import SCENARIOS, WHOLE, is_made

AREAS = ("huzhou", "wuxing", "nanxun", "deqing", "changxing", "anji")
# DESIGN.md: the first columns of each table, in this order.
COLUMNS = {
    "population": ["scenario", "area", "basis", "year", "sex", "age_group", "mean", "p10", "p50", "p90"],
    "beds": [
        "scenario",
        "area",
        "year",
        "bed_type",
        "basis",
        "supply",
        "supply_p10",
        "supply_p90",
        "allocated",
        "elders_60plus",
        "beds_per_1000",
        "demand_ratio",
        "demand_need",
        "gap_ratio_mean",
        "gap_ratio_p10",
        "gap_ratio_p50",
        "gap_ratio_p90",
        "gap_need_mean",
        "gap_need_p10",
        "gap_need_p50",
        "gap_need_p90",
    ],
    "meals": [
        "scenario",
        "area",
        "year",
        "points",
        "meals_supply_per_day",
        "meals_demand_per_day_mean",
        "meals_demand_per_day_p10",
        "meals_demand_per_day_p50",
        "meals_demand_per_day_p90",
        "points_per_10000",
        "gap_mean",
        "gap_p10",
        "gap_p50",
        "gap_p90",
    ],
    "crossing": [
        "scenario",
        "area",
        "norm",
        "basis",
        "crossing_year_p50",
        "crossing_year_p10",
        "crossing_year_p90",
        "probability_by_2025",
        "probability_by_2030",
        "probability_by_2035",
        "below_at_2025",
        "below_at_2030",
        "below_at_2035",
        "met_again_year_p50",
        "met_again_year_p10",
        "met_again_year_p90",
        "beds_per_year_to_hold",
    ],
    "services": ["scenario", "area", "year", "service"],
}


def digests(folder: Path) -> dict[str, str]:
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.name != "run.txt"
    }


def test_headings_name_area_and_scenario_and_code_is_shown_in_folds_only(published, site):
    asked = [page for page in itertools.product(published.scenarios, AREAS) if is_made(*page, "03_beds")]
    pages = [page for page in asked if (site / "en" / "/".join(page) / "03_beds.html").is_file()]
    # One scenario changes no bed.
    assert {scenario for scenario, _ in {*asked} - {*pages}} == {"meals_for_all"} and len(pages) > 6
    for scenario, area in pages:
        text = (site / "en" / scenario / area / "03_beds.html").read_text(encoding="utf-8")
        name = "Huzhou" if area == "huzhou" else published.counties[area].label["en"]
        assert f"<h1>Beds: {name}, {published.scenarios[scenario].label['en']}</h1>" in text
        assert "import " not in re.sub(r'<(style|details class="how").*?</(style|details)>', "", text, flags=re.S)
        assert "This cell is not published" not in text


@pytest.mark.parametrize(
    ("start", "name", "end"),
    [
        ("zh/baseline/deqing/03_beds", "安吉县", "zh/baseline/huzhou/03_beds"),
        ("en/baseline/anji/03_beds", "中文", "zh/baseline/huzhou/03_beds"),
        ("en/hold_the_norm/anji/03_beds", "中文", "index-zh"),
    ],
)
def test_a_switch_to_a_page_that_was_not_made_leads_to_the_nearest(site, start, name, end):
    file = site / f"{start}.html"
    (link,) = set(re.findall(rf'<a [^>]*href="(\.\./[^"]+)"[^>]*>{name}</a>', file.read_text(encoding="utf-8")))
    assert (file.parent / link).resolve() == (site / f"{end}.html").resolve()


def test_each_chart_offers_its_numbers_and_the_tables_of_its_topic(site):
    for topic in ("02_population", "03_beds", "04_meals"):
        text = (site / "en" / "baseline" / "deqing" / f"{topic}.html").read_text(encoding="utf-8")
        charts = re.findall(r'<figure class="chart".*?</figure>', text, re.S)
        assert charts
        for chart in charts:
            assert 'href="data:text/csv;base64,' in chart
            assert re.search(r'href="../../../data/baseline/\w+\.csv"', chart)


def test_the_front_page_answers_first(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    assert text.index('class="answer"') < text.index("<svg") < text.index('id="counties"')
    assert "39,467" in text[text.index('class="answer"') :][:400]
    assert "in 2026" in text[text.index('class="answer"') :][:400]


@pytest.mark.parametrize("scenario", ["baseline", *SCENARIOS])
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
    assert counts.eq([2020, published.city.milestones[-1], published.city.milestones[-1] - 2019]).all(axis=None)


def test_the_manifest_names_inputs_parameters_versions_and_seed(published):
    runs = sorted((published.root / "outputs" / "runs").glob("*.json"))
    manifests = [json.loads(file.read_text(encoding="utf-8")) for file in runs]
    manifest = [one for one in manifests if "baseline" in one["seed"]][-1]
    assert len(manifest["inputs"]["data/raw/report_2018.csv"]) == 64
    assert manifest["seed"]["baseline"] == 2018
    assert manifest["parameters"]["baseline"]["huzhou"]["beds.norm"]["trail"][0]["source_id"] == "SEED"
    assert "numpy" in manifest["versions"]


def results(project: Project) -> dict[str, str]:
    """Return what a project has published; a run that publishes nothing leaves its log all the same."""
    found = digests(project.root / "outputs")
    return {name: digest for name, digest in found.items() if not name.startswith("logs/")}


def test_nothing_changed_nothing_is_executed(small, capsys):
    before = results(small)
    assert publish(small, Request(scenarios=("baseline",), areas=WHOLE, language="en")) == 0
    assert "0 pages executed" in capsys.readouterr().out
    assert results(small) == before


def test_set_changes_only_the_pages_of_the_county_that_read_it_and_says_so_there(small, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(small.root))
    outputs = small.root / "outputs"
    before = digests(outputs)
    asked = ["run", "--area", "deqing", "--scenario", "baseline", "--language", "en"]
    asked += ["--notebook", "00_overview", "02_population", "03_beds", "05_services"]
    assert main([*asked, "--set", "beds.norm=55"]) == 0
    after = digests(outputs)
    pages_changed = {name for name in after if name.endswith(".ipynb") and after[name] != before.get(name)}
    reading = ("00_overview", "03_beds", "05_services")
    assert pages_changed == {f"notebooks/en/baseline/deqing/{name}.ipynb" for name in reading}
    changed = (outputs / "site" / "en" / "baseline" / "deqing" / "03_beds.html").read_text(encoding="utf-8")
    assert 'class="override"' in changed and "55 instead of 50" in changed
    other = (outputs / "site" / "en" / "baseline" / "deqing" / "02_population.html").read_text(encoding="utf-8")
    assert 'class="override"' not in other
    assert all(after[n] == before[n] for n in before if n.startswith("tables/baseline/"))
    assert (outputs / "tables" / "baseline-set" / "beds.csv").is_file()
    assert "beds.norm = 55" in (outputs / "site" / "index.html").read_text(encoding="utf-8")
    assert main([*asked, "-q"]) == 0
    assert not (outputs / "tables" / "baseline-set").exists()
    assert 'class="override"' not in (outputs / "site" / "en" / "baseline" / "deqing" / "03_beds.html").read_text(
        encoding="utf-8"
    )


def test_a_failing_notebook_is_told_with_its_cell_and_the_last_good_site_stays(small, capsys):
    file = small.root / "notebooks" / "04_meals.ipynb"
    broken = json.loads(file.read_text(encoding="utf-8"))
    broken["cells"][-1] |= {"source": ["1 / 0"], "id": "broken-cell", "metadata": {"tags": ["page"]}}
    file.write_text(json.dumps(broken), encoding="utf-8")
    before = results(small)
    request = Request(scenarios=("baseline",), areas=("deqing",), language="en")
    assert publish(load_project(small.root), request) == 1
    said = capsys.readouterr().err
    assert "en/baseline/deqing/04_meals: cell broken-cell: failed" in said and "ZeroDivisionError" in said
    assert results(small) == before
    assert not (small.root / "outputs" / ".staging").exists()


def test_a_wrong_name_ends_with_status_2_and_publishes_nothing(small, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(small.root))
    before = results(small)
    assert main(["run", "--area", "deqin"]) == 2
    assert "did you mean deqing" in capsys.readouterr().err
    assert main(["run", "--notebook", "03_bed"]) == 2
    assert "did you mean 03_beds" in capsys.readouterr().err
    assert results(small) == before
