"""A page that a scenario cannot change is made once, under the baseline, and linked from everywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.report.html import SITE
from tests.site.faults import here, small_project

pytestmark = pytest.mark.site

AREA, OTHER = "deqing", "meals_for_all"
NOTEBOOKS = ("01_evidence", "03_beds", "04_meals")
ASKED = ("run", "--area", AREA, "--language", "en", "--scenario", "baseline", "--scenario", OTHER)


def two_scenarios(root: Path, target: Path) -> Path:
    """Return a small project with the baseline and a scenario that changes only one of its topics."""
    project = small_project(root, target, NOTEBOOKS)
    shutil.copy(root / "config" / "scenarios" / f"{OTHER}.yaml", project / "config" / "scenarios")
    return project


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return such a project, published from nothing."""
    project = two_scenarios(root, tmp_path_factory.mktemp("twice") / "project")
    assert here(project, *ASKED, "-q") == (0, "", "")
    return project


@pytest.fixture
def project(master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, in which this process works."""
    shutil.copytree(master, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def made(project: Path) -> list[str]:
    return sorted(page.stem for page in (project / "outputs" / "site" / "en" / OTHER / AREA).glob("*.html"))


def page(project: Path, name: str, scenario: str = "baseline") -> str:
    return (project / f"outputs/site/en/{scenario}/{AREA}/{name}.html").read_text(encoding="utf-8")


def test_only_what_the_scenario_changes_is_made_and_the_rest_leads_to_the_baseline(project: Path) -> None:
    assert made(project) == ["04_meals"]
    meals, beds = page(project, "04_meals", OTHER), page(project, "03_beds")
    assert f'href="../../../en/baseline/{AREA}/03_beds.html"' in meals
    assert "the same in all" in beds and "the same in all" not in meals
    front = (project / "outputs/site/index.html").read_text(encoding="utf-8")
    assert f'href="en/baseline/{AREA}/03_beds.html"' in front
    told = front[front.index(f'<div id="{OTHER}"') :]
    # The first topic of these notebooks is one that the scenario does not change: the link is to one that it does.
    assert f'href="en/{OTHER}/{AREA}/04_meals.html"' in told[: told.index("</div>")]


def test_the_page_would_have_come_out_the_same(project: Path, root: Path, tmp_path: Path) -> None:
    alone = two_scenarios(root, tmp_path / "alone")
    assert here(alone, "run", "--area", AREA, "--language", "en", "--scenario", OTHER, "-q") == (0, "", "")
    # Without a page of the baseline there is none that could stand for it.
    assert made(alone) == [*NOTEBOOKS]
    for name in ("01_evidence", "03_beds"):
        both = [
            json.loads((folder / f"outputs/notebooks/en/{scenario}/{AREA}/{name}.ipynb").read_text(encoding="utf-8"))
            for folder, scenario in ((alone, OTHER), (project, "baseline"))
        ]
        outputs = [[one for cell in notebook["cells"] for one in cell.get("outputs", ())] for notebook in both]
        # Frames in the folds of code name the scenario that was asked for.
        shown = [[one["data"][SITE] for one in of_both if SITE in one["data"]] for of_both in outputs]
        assert shown[0] == shown[1], name
    assert here(alone, "run", "--area", AREA, "--language", "en", "--scenario", "baseline", "-q") == (0, "", "")
    assert made(alone) == ["04_meals"]


def test_after_a_change_it_is_still_made_once(project: Path, capsys: pytest.CaptureFixture) -> None:
    file = project / "config" / "counties" / f"{AREA}.yaml"
    fact = "{set: 51, interval: none, evidence: assumption, source: none, locator: a test}"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("facts: {}", f"facts:\n  beds.norm: {fact}"), encoding="utf-8")
    assert main([*ASKED, "--dry-run"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("en/")] == [
        f"en/baseline/{AREA}/03_beds"
    ]
    assert main([*ASKED, "-q"]) == 0
    assert made(project) == ["04_meals"]


def test_a_changed_value_of_the_scenario_alone_makes_it_a_page_of_its_own_until_it_is_taken_back(project: Path) -> None:
    assert main([*ASKED[:5], "--scenario", OTHER, "--set", "beds.norm=55", "-q"]) == 0
    assert made(project) == ["03_beds", "04_meals"]
    assert "55" in page(project, "03_beds", OTHER) and "the same in all" not in page(project, "03_beds")
    assert main([*ASKED[:5], "--scenario", OTHER, "-q"]) == 0
    assert made(project) == ["04_meals"]


def test_a_changed_value_of_both_is_made_once_and_said_in_both(project: Path) -> None:
    assert main([*ASKED, "--set", "beds.norm=55", "-q"]) == 0
    assert made(project) == ["04_meals"]
    assert "the same in all" in page(project, "03_beds")


def test_a_scenario_that_comes_to_change_it_gets_its_own_page(project: Path) -> None:
    file = project / "config" / "scenarios" / f"{OTHER}.yaml"
    change = (
        "  beds.norm: {set: 45, why: {en: A test., zh: 测试。}, source: none, locator: a test, evidence: assumption}\n"
    )
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("changes:\n", f"changes:\n{change}"), encoding="utf-8")
    assert main([*ASKED, "-q"]) == 0
    assert made(project) == ["03_beds", "04_meals"]


def test_a_page_that_comes_to_read_what_a_scenario_changes_gets_its_own(project: Path) -> None:
    file = project / "notebooks" / "01_evidence.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    (cell,) = [cell for cell in notebook["cells"] if "page" in cell["metadata"]["tags"]][:1]
    cell["source"] = [*cell["source"], "\nrun['meals.uptake']\n"]
    file.write_text(json.dumps(notebook), encoding="utf-8")
    # What the page read before says that the scenario changes nothing of it; only its execution shows otherwise.
    status, out, error = here(project, *ASKED)
    assert (status, error) == (0, "")
    assert made(project) == ["01_evidence", "04_meals"] and f"en/{OTHER}/{AREA}/01_evidence (" in out
