"""One real publication of everything that ships, made once for all tests of the site."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from eldercare.inputs import Project, load_project
from eldercare.publish import Request, publish
from tests.site.faults import set_run

ROOT = Path(__file__).resolve().parents[2]


def copy_of(root: Path, target: Path) -> Path:
    """Return a copy of the inputs of a project."""
    for folder in ("config", "data/raw", "notebooks"):
        shutil.copytree(root / folder, target / folder)
    return target


# Few draws: what the tests look at is not how wide an interval is.
DRAWS = 100
# One area has all pages of all scenarios; of one scenario beside the baseline every area has the page on beds.
WHOLE_AREA, WHOLE_SCENARIO, BEDS = "anji", "hold_the_norm", "03_beds"


def is_made(scenario: str, area: str, notebook: str) -> bool:
    """Return whether the English site of :func:`published` has a page."""
    beside = scenario == WHOLE_SCENARIO and notebook == BEDS
    return "ELDERCARE_PUBLISHED" in os.environ or scenario == "baseline" or area == WHOLE_AREA or beside


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project in ELDERCARE_PUBLISHED with all its pages, or one with few draws that is published here.

    Here every area has its pages of the baseline, and one area those of every scenario, in English; two areas in
    Chinese. All the combinations of the three are what `make report` makes.
    """
    if "ELDERCARE_PUBLISHED" in os.environ:
        return load_project(Path(os.environ["ELDERCARE_PUBLISHED"]))
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root = shared / "site" / "项目 one"
    # Workers of one test run share the site: who comes first makes it.
    with FileLock(shared / "site.lock"):
        if not root.exists():
            set_run(copy_of(ROOT, root), "draws", DRAWS)
            publish_all(root)
    return load_project(root)


def publish_all(root: Path) -> None:
    """Publish what the tests of the site look at."""
    project = load_project(root)
    for request in (
        Request(scenarios=("baseline",), language="en", quiet=True),
        Request(areas=(WHOLE_AREA,), language="en", quiet=True),
        Request(scenarios=(WHOLE_SCENARIO,), notebooks=(BEDS,), language="en", quiet=True),
        Request(scenarios=("baseline",), areas=("deqing", "huzhou"), language="zh", quiet=True),
    ):
        assert publish(project, request) == 0


@pytest.fixture
def site(published: Project) -> Path:
    """Return the folder of the published site."""
    return published.root / "outputs" / "site"


@pytest.fixture
def small(published: Project, tmp_path: Path) -> Project:
    """Return a copy of the published project, outputs included, that a test may change."""
    shutil.copytree(published.root, tmp_path / "project", symlinks=True)
    return load_project(tmp_path / "project")
