"""What all tests share: one mark of need each, the project folder, a copy of its inputs, one profile for hypothesis."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from filelock import FileLock

from tests.shipped import PROJECT, ROOT, own

os.environ["MPLBACKEND"] = "Agg"
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(PROJECT / ".cache" / "hypothesis")

from hypothesis import settings  # reads the variable above

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


# What a test needs, from the cheapest to the dearest; every test has one of these marks.
NEEDS = {
    "unit": "pure calculation or text, well under a second",
    "run": "loads the project or computes a model, a few seconds at most",
    "study": "computes many models: sensitivity, every parameter",
    "fuzz": "one of hundreds of malformed inputs",
    "golden": "compares with numbers and texts that are kept in git",
    "notebook": "executes notebooks",
    "site": "publishes a site",
    "browser": "opens the published site in Chromium",
}
# The mark of a test without its own (in its file or as a decorator): by what it asks for, else by its folder.
BY_FIXTURE = {"run_notebook": "notebook", "published": "site"}
BY_FOLDER = {
    "population": "unit",
    "care": "unit",
    "oracle": "unit",
    "inputs": "run",
    "model": "run",
    "report": "run",
    "publish": "run",
    "cli": "run",
    "tests": "run",
    "fuzz": "fuzz",
    "golden": "golden",
    "notebooks": "notebook",
    "site": "site",
    "src": "unit",  # examples in docstrings
}


def need_of(path: Path, marks: set[str], fixtures: Collection[str] = ()) -> str | None:
    """Return what a test needs, or None where it has no mark and stands in a folder without one, or has two."""
    own = marks & NEEDS.keys() or {BY_FIXTURE[name] for name in fixtures if name in BY_FIXTURE}
    if own:
        return own.pop() if len(own) == 1 else None
    top, *folders = path.relative_to(PROJECT).parts[:-1]
    return BY_FOLDER.get(folders[0] if top == "tests" and folders else top)


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unclear = []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        need = need_of(item.path, marks, getattr(item, "fixturenames", ()))
        if need is None:
            unclear.append(item.nodeid)
        elif need not in marks:
            item.add_marker(need)
    if unclear:
        names = "\n  ".join(unclear)
        raise pytest.UsageError(f"tests need exactly one mark of {', '.join(NEEDS)}:\n  {names}")


def pytest_collection_finish() -> None:
    if ROOT != PROJECT:
        os.chdir(ROOT)  # examples in docstrings look for the project from here


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files of tests/golden anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ROOT != PROJECT:
        terminalreporter.write_line(f"left out, as of one's own (tests/shipped.py): {', '.join(own(PROJECT))}")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project folder, its inputs as they ship."""
    return ROOT


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Return a function that gives a folder which all workers of one test run share: the first to ask makes it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        with FileLock(shared / f"{name}.lock"):
            if not (target := shared / name / "项目 one").exists():
                make(target)
        return target

    return folder


@pytest.fixture(scope="session")
def one_page(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """Return a small project whose page on beds was published once; whoever changes something takes a copy."""
    from tests.site.faults import ASKED, complete, here, left_behind, small_project

    def make(target: Path) -> None:
        assert here(small_project(ROOT, target), *ASKED, "-q") == (0, "", "")
        assert complete(target) == [] and left_behind(target) == []

    return once("one-page", make)


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """Return a fresh copy of config, data/raw and notebooks, to put mistakes into."""
    for folder in ("config", "data/raw", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / "project" / folder)
    return tmp_path / "project"
