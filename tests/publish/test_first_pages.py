"""A large run that begins from nothing brings out its leading page first, as a whole small site."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from eldercare.inputs import load_project
from eldercare.publish import publication
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from eldercare.publish.staging import Staging
from tests.site.faults import small_project

pytestmark = pytest.mark.site

LEADING = {"en/baseline/deqing/00_overview", "zh/baseline/deqing/00_overview"}


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """Return a small project with two notebooks."""
    return small_project(root, tmp_path / "project", ("00_overview", "01_evidence"))


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return what stands in the site after each exchange."""
    found: list[set[str]] = []
    exchange = Staging.publish

    def publish_and_look(staging: Staging, files: set[str]) -> None:
        exchange(staging, files)
        site = staging.outputs / "site"
        found.append({file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()})

    monkeypatch.setattr(Staging, "publish", publish_and_look)
    monkeypatch.setattr(publication, "SOON", 3)
    return found


def pages(files: set[str]) -> set[str]:
    return {file.removesuffix(".html") for file in files if file.startswith(("en/", "zh/"))}


ASKED = Request(("baseline",), ("deqing",), (), {}, "both", quiet=True)


def test_the_leading_page_is_published_before_the_others(project: Path, sites: list[set[str]]) -> None:
    assert publish(load_project(project), ASKED) == 0
    assert len(sites) == 2
    first, last = sites
    assert pages(first) == LEADING
    # Whole: every file that a page of the first site leads to is there.
    assert {"index.html", "data/baseline.xlsx", "data/baseline/beds.csv"} <= first
    assert pages(last) == LEADING | {stem.replace("00_overview", "01_evidence") for stem in LEADING}
    runs = sorted((project / "outputs" / "runs").glob("*.json"))
    state = json.loads(runs[-1].read_text(encoding="utf-8"))["state"]
    assert {stem for stem, page in state["pages"].items() if page["run_id"] == runs[0].stem} == LEADING
    # The workbook of the leading page is brief; the whole one compares the scenarios.
    book = openpyxl.load_workbook(project / "outputs" / "tables" / "baseline.xlsx", read_only=True)
    assert "情景比较 Scenarios" in book.sheetnames
    # The second run finds them current, and a third has nothing to do.
    assert publish(load_project(project), ASKED) == 0
    assert len(sites) == 2


def test_a_site_that_stands_is_exchanged_once(project: Path, sites: list[set[str]]) -> None:
    assert (
        publish(load_project(project), Request(("baseline",), ("deqing",), ("01_evidence",), {}, "en", quiet=True)) == 0
    )
    assert publish(load_project(project), ASKED) == 0
    assert [len(pages(site)) for site in sites] == [1, 4]


def test_when_the_rest_fails_the_first_pages_stay(
    project: Path, sites: list[set[str]], capsys: pytest.CaptureFixture
) -> None:
    file = project / "notebooks" / "01_evidence.ipynb"
    given = json.loads(file.read_text(encoding="utf-8"))
    given["cells"][-1] |= {"source": ["raise MemoryError('no more')"], "metadata": {"tags": ["numbers"]}}
    file.write_text(json.dumps(given), encoding="utf-8")
    assert publish(load_project(project), ASKED) == 1
    assert [pages(site) for site in sites] == [LEADING]
    assert "the last good site stays" in capsys.readouterr().err
    assert not (project / "outputs" / ".staging").exists()


def python(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_preloaded_can_be_forked(tmp_path: Path) -> None:
    found = python(
        "import eldercare.publish.preloaded, gc, sys, threading\n"
        "import rfc3987_syntax, zmq\n"
        "from matplotlib import _pylab_helpers\n"
        "print(threading.active_count(), len(_pylab_helpers.Gcf.figs), gc.isenabled(), zmq.Context._instance)",
        tmp_path,
    )
    assert found == "1 0 True None\n"


def test_a_run_without_work_loads_no_library_of_the_model(project: Path) -> None:
    found = python(
        "import sys\nfrom eldercare.cli import main\n"
        "status = main(['run', '--dry-run', '--area', 'deqing'])\n"
        "libraries = ('numpy', 'pandas', 'scipy', 'matplotlib', 'nbconvert')\n"
        "print(status, [name for name in libraries if name in sys.modules])",
        project,
    )
    assert found.endswith("\n0 []\n")
