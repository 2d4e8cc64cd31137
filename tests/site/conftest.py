"""One real publication of everything that ships, made once and used by all tests of the site."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eldercare.inputs import Project, load_project
from eldercare.publish import Request, publish

ROOT = Path(__file__).resolve().parents[2]


def copy_of(root: Path, target: Path) -> Path:
    """Return a copy of the inputs of a project."""
    for folder in ("config", "data/raw", "notebooks"):
        shutil.copytree(root / folder, target / folder)
    return target


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every scenario, area and notebook in English, and one county in Chinese, run through papermill."""
    root = copy_of(ROOT, tmp_path_factory.mktemp("site") / "项目 one")
    project = load_project(root)
    assert publish(project, Request(language="en", quiet=True)) == 0
    assert (
        publish(project, Request(scenarios=("baseline",), areas=("deqing", "huzhou"), language="zh", quiet=True)) == 0
    )
    return project


@pytest.fixture
def site(published: Project) -> Path:
    """Return the folder of the published site."""
    return published.root / "outputs" / "site"


@pytest.fixture
def small(published: Project, tmp_path: Path) -> Project:
    """Return a copy of the published project, outputs included, that a test may change."""
    shutil.copytree(published.root, tmp_path / "project", symlinks=True)
    return load_project(tmp_path / "project")
