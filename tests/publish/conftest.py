"""A project with few draws, for tests that compute what is published."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from eldercare.inputs import Project, load_project


@pytest.fixture(scope="session")
def few_draws(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return the folder of a project whose runs have twenty draws."""
    folder = tmp_path_factory.mktemp("few") / "project"
    for name in ("config", "data/raw"):
        shutil.copytree(root / name, folder / name)
    run = folder / "config" / "parameters" / "run.yaml"
    text, times = re.subn(r"(run\.draws:\n(?:  .*\n)*?  value: )\d+", r"\g<1>20", run.read_text(encoding="utf-8"))
    assert times == 1
    run.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def project(few_draws: Path) -> Project:
    """Return that project."""
    return load_project(few_draws)


@pytest.fixture
def published(one_page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project whose page was published, in which this process works."""
    shutil.copytree(one_page, tmp_path / "project")
    monkeypatch.setenv("ELDERCARE_ROOT", str(tmp_path / "project"))
    return tmp_path / "project"
