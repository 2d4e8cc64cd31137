"""One real publication of everything that ships, made once for all tests of the site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eldercare.inputs import Project, load_project
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from tests.shipped import ROOT
from tests.site.faults import set_run, shorten


def copy_of(root: Path, target: Path) -> Path:
    """Return a copy of the inputs of a project."""
    for folder in ("config", "data/raw", "notebooks"):
        shutil.copytree(root / folder, target / folder)
    return target


CHROMIUM = "/usr/bin/chromium"
# Few draws: what the tests look at is not how wide an interval is.
DRAWS = 40
# Two thirds of the years.
LAST = 2040
# Areas that have all pages of the baseline in both languages; the first one those of some scenarios, too.
WHOLE = ("deqing", "huzhou")
SCENARIOS = ("hold_the_norm", "meals_for_all")
# What there is to compare beside them: one scenario that differs by people, one that puts several together.
BESIDE = ("baseline", "low_migration", "combined")
# What every area has, of the baseline and of a scenario.
BASELINE_PAGES, SCENARIO_PAGES = ("00_overview", "03_beds"), ("03_beds",)


def is_made(scenario: str, area: str, notebook: str) -> bool:
    """Return whether the English site of :func:`published` has a page."""
    if "ELDERCARE_PUBLISHED" in os.environ:
        return True
    if scenario == "baseline":
        return area in WHOLE or notebook in BASELINE_PAGES
    beside = scenario == SCENARIOS[0] and notebook in SCENARIO_PAGES
    return beside or (scenario in SCENARIOS and area == WHOLE[0])


@pytest.fixture(scope="session")
def published(once: Callable[[str, Callable[[Path], object]], Path]) -> Project:
    """Return the project in ELDERCARE_PUBLISHED with all its pages, or one with few draws that is published here.

    Here every area has some pages of the baseline, two have all in both languages, one for two scenarios as well.
    All the combinations of the three are what `make report` makes and `make site-check` looks at.
    """
    if "ELDERCARE_PUBLISHED" in os.environ:
        return load_project(Path(os.environ["ELDERCARE_PUBLISHED"]))
    return load_project(once("site", publish_all))


def publish_all(root: Path) -> None:
    """Publish what the tests of the site look at."""
    set_run(copy_of(ROOT, root), "draws", DRAWS)
    shorten(root, LAST)
    for file in (root / "config" / "scenarios").glob("*.yaml"):
        if file.stem not in (*SCENARIOS, *BESIDE):
            file.unlink()
    project = load_project(root)
    for scenarios, areas, notebooks, language in (
        (("baseline",), (), BASELINE_PAGES, "en"),
        (("baseline",), WHOLE, (), "both"),
        (SCENARIOS, WHOLE[:1], (), "en"),
        (SCENARIOS[:1], (), SCENARIO_PAGES, "en"),
    ):
        assert publish(project, Request(scenarios, areas, notebooks, {}, language, quiet=True)) == 0


@pytest.fixture
def site(published: Project) -> Path:
    """Return the folder of the published site."""
    return published.root / "outputs" / "site"


@pytest.fixture
def small(published: Project, tmp_path: Path) -> Project:
    """Return a copy of the published project, outputs included, that a test may change."""
    shutil.copytree(published.root, tmp_path / "project", symlinks=True)
    return load_project(tmp_path / "project")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser):
    tab = browser.new_page()
    yield tab
    tab.close()
