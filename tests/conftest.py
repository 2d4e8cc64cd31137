"""What all tests share: the project folder, a copy of its inputs for seeded faults, one profile for hypothesis."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
os.environ["MPLBACKEND"] = "Agg"
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(ROOT / ".cache" / "hypothesis")

from hypothesis import settings  # noqa: E402  (reads the two lines above)

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files of tests/golden anew")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project folder."""
    return ROOT


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """Return a fresh copy of config, data/raw and notebooks, to put mistakes into."""
    for folder in ("config", "data/raw", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / "project" / folder)
    return tmp_path / "project"
