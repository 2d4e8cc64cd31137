"""Pages are made from what they read, whatever notebook it is, and with exactly those changed values that they read."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from eldercare.cli import main
from tests.site import faults

pytestmark = pytest.mark.site

PARAMETERS = 'area = "deqing"\nscenario = "baseline"\noverrides = {}\nlanguage = "en"'
ASKED = ("run", "--area", "deqing", "--scenario", "baseline")


def own_notebook(project: Path, *cells: str, name: str = "08_mine") -> None:
    """Put a notebook of an analyst into a project."""
    tagged = nbformat.v4.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    others = [nbformat.v4.new_code_cell(cell, id=f"cell-{at}") for at, cell in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged, *others]), project / "notebooks" / f"{name}.ipynb")


THREE_CELLS = (
    "import pandas as pd\nfrom eldercare.model import Results\nresults = Results(area, scenario, overrides)",
    "raw = pd.read_csv('data/raw/geography.csv')\nraw.head(3)",
    "results.beds.query('year == 2030')[['bed_type', 'supply', 'demand_ratio']]",
)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return a small project with a notebook of an analyst's own, published once in both languages."""
    project = faults.small_project(
        root, tmp_path_factory.mktemp("own") / "project", ("01_evidence", "03_beds", "04_meals")
    )
    own_notebook(project, *THREE_CELLS)
    assert faults.here(project, *ASKED, "-q") == (0, "", "")
    return project


@pytest.fixture
def project(master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, in which this process works."""
    shutil.copytree(master, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def page(project: Path, notebook: str, language: str = "en") -> str:
    return (project / f"outputs/site/{language}/baseline/deqing/{notebook}.html").read_text(encoding="utf-8")


def executed(project: Path) -> dict[str, str]:
    return faults.digests(project / "outputs" / "notebooks" / "en" / "baseline" / "deqing")


def planned(capsys: pytest.CaptureFixture, *words: str) -> dict[str, str]:
    """Return the notebooks of the English pages that would be executed, with the reason."""
    capsys.readouterr()
    assert main([*ASKED, "--dry-run", *words]) == 0
    lines = re.findall(r"^en/baseline/deqing/(\w+): (.*)$", capsys.readouterr().out, re.M)
    return dict(lines)


def test_an_own_notebook_is_a_page_like_the_others(project: Path, capsys: pytest.CaptureFixture) -> None:
    assert faults.complete(project) == []
    for language in ("en", "zh"):
        text = page(project, "08_mine", language)
        assert "demand_ratio" in text and "institution" in text
    assert planned(capsys) == {}


def test_an_own_notebook_is_made_again_when_something_that_it_read_changes(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    county = project / "config" / "counties" / "deqing.yaml"
    text = county.read_text(encoding="utf-8")
    fact = "facts:\n  {}: {{set: {}, interval: none, evidence: assumption, source: none, locator: a test}}\n"
    county.write_text(text.split("facts:")[0] + fact.format("meals.uptake", 0.12), encoding="utf-8")
    assert planned(capsys) == {"04_meals": "parameter meals.uptake of deqing in baseline changed"}
    county.write_text(text.split("facts:")[0] + fact.format("beds.norm", 52), encoding="utf-8")
    assert planned(capsys)["08_mine"] == "parameter beds.norm of deqing in baseline changed"
    county.write_text(text, encoding="utf-8")
    assert planned(capsys) == {}
    geography = project / "data" / "raw" / "geography.csv"
    geography.write_bytes(geography.read_bytes() + b"\n")
    assert planned(capsys)["08_mine"] == "file data/raw/geography.csv changed"
    assert main([*ASKED, "-q"]) == 0
    assert planned(capsys) == {}


def test_pages_of_one_run_agree_on_a_changed_value(project: Path, capsys: pytest.CaptureFixture) -> None:
    before = executed(project)
    assert main([*ASKED, "--language", "en", "--set", "supply.institution_beds=5000"]) == 0
    assert "supply.institution_beds: not read by 04_meals" in capsys.readouterr().out
    for notebook in ("01_evidence", "03_beds"):
        assert "5,000" in page(project, notebook) and 'class="override"' in page(project, notebook)
    assert 'class="override"' not in page(project, "04_meals")
    after = executed(project)
    assert {name for name in after if after[name] != before[name]} == {
        f"{n}.ipynb" for n in ("01_evidence", "03_beds", "08_mine")
    }
    own = json.loads((project / "outputs/notebooks/en/baseline/deqing/08_mine.ipynb").read_text(encoding="utf-8"))
    assert any("5000" in "".join(cell["source"]) for cell in own["cells"])
    assert (project / "outputs/tables/baseline-set/beds.csv").is_file() and faults.complete(project) == []
    assert planned(capsys, "--language", "en", "--set", "supply.institution_beds=5000") == {}
    assert main([*ASKED, "--language", "en", "-q"]) == 0
    assert executed(project) == before and not (project / "outputs/tables/baseline-set").exists()


def test_without_a_record_a_page_that_reads_no_changed_value_is_the_plain_page(project: Path) -> None:
    before = executed(project)
    shutil.rmtree(project / "outputs")
    assert main([*ASKED, "--language", "en", "-q", "--set", "meals.uptake=0.2"]) == 0
    after = executed(project)
    assert {name for name in after if after[name] != before[name]} == {"04_meals.ipynb"}
    assert "meals.uptake" in page(project, "04_meals") and "0.2" in page(project, "04_meals")


def test_a_page_that_comes_to_read_a_changed_value_is_made_with_it(project: Path) -> None:
    assert main([*ASKED, "--language", "en", "-q", "--set", "meals.uptake=0.2"]) == 0
    own_notebook(
        project,
        "from eldercare.model import Results\nResults(area, scenario, overrides).settings.value('meals.uptake')",
    )
    assert main([*ASKED, "--language", "en", "-q", "--set", "meals.uptake=0.2"]) == 0
    assert "0.2" in page(project, "08_mine")


def test_tables_of_older_code_are_made_anew_though_their_scenario_is_not_asked_for(project: Path, root: Path) -> None:
    shutil.copy(root / "config/scenarios/meals_for_all.yaml", project / "config/scenarios")
    assert main(["run", "--area", "deqing", "--scenario", "meals_for_all", "--notebook", "04_meals", "-q"]) == 0
    manifest = max((project / "outputs" / "runs").glob("*.json"))
    document = json.loads(manifest.read_text(encoding="utf-8"))
    # What an older version would have left: whole, recorded, and with another column.
    older = project / "outputs" / "tables" / "meals_for_all" / "beds.csv"
    older.write_text(older.read_text(encoding="utf-8").replace("gap_ratio_mean", "gap_ratio"), encoding="utf-8")
    record = document["state"]["tables"]["meals_for_all"]
    record["parts"]["code"] = "older"
    record["files"]["meals_for_all/beds.csv"] = hashlib.sha256(older.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(document), encoding="utf-8")
    assert main([*ASKED, "--notebook", "04_meals", "--set", "meals.uptake=0.2", "-q"]) == 0
    assert "gap_ratio_mean" in older.read_text(encoding="utf-8") and faults.complete(project) == []


def test_saved_outputs_are_told_and_not_published(project: Path, capsys: pytest.CaptureFixture) -> None:
    file = project / "notebooks" / "08_mine.ipynb"
    node = nbformat.read(file, 4)
    node.cells[-1].outputs = [nbformat.v4.new_output("stream", text="by accident")]
    nbformat.write(node, file)
    capsys.readouterr()
    assert main([*ASKED, "--notebook", "08_mine"]) == 0
    assert "notebooks/08_mine.ipynb was saved with outputs; they are not published\n" in capsys.readouterr().out
    assert "by accident" not in page(project, "08_mine")


def test_cells_that_came_into_a_notebook_of_the_suite_by_accident_are_told_and_left_out(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    file = project / "notebooks" / "04_meals.ipynb"
    node = nbformat.read(file, 4)
    node.cells.insert(0, nbformat.v4.new_markdown_cell("# a private remark", id="remark"))
    node.cells.append(nbformat.v4.new_code_cell("raise ValueError('a trial')", id="trial"))
    nbformat.write(node, file)
    capsys.readouterr()
    assert main([*ASKED, "--notebook", "04_meals"]) == 0
    told = "notebooks/04_meals.ipynb has cells without a tag (remark, trial); they are neither executed nor published\n"
    assert told in capsys.readouterr().out
    assert "private remark" not in page(project, "04_meals")
    kept = [*(project / "outputs" / "notebooks").rglob("04_meals.ipynb")]
    assert kept and not any("a trial" in file.read_text(encoding="utf-8") for file in kept)
