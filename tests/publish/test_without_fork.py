"""A run where the system has no fork and no fcntl, as Windows: the same pages, by processes that begin anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shipped import ROOT
from tests.site.faults import ASKED, complete, digests, left_behind, small_project

pytestmark = pytest.mark.site

# Read by every Python that is started with its folder on the path, those of the workers too.
TAKEN_AWAY = """
import multiprocessing, os, sys, warnings
sys.modules["fcntl"] = None
del os.fork, os.forkpty
multiprocessing.get_all_start_methods = lambda: ["spawn"]
# Windows has locks of its own in the place of fcntl's; here files stand for them.
warnings.filterwarnings("ignore", "only soft file lock", UserWarning)
"""


def test_a_page_is_the_same_without_fork_and_without_fcntl(one_page: Path, tmp_path: Path) -> None:
    project, changed = small_project(ROOT, tmp_path / "project"), tmp_path / "changed"
    changed.mkdir()
    (changed / "sitecustomize.py").write_text(TAKEN_AWAY, encoding="utf-8")
    outside = {**os.environ, "ELDERCARE_ROOT": str(project), "PYTHONPATH": str(changed), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "eldercare"]
    told = "import os, sys; print(hasattr(os, 'fork'), sys.modules['fcntl'])"
    done = subprocess.run([sys.executable, "-c", told], env=outside, capture_output=True, text=True, check=True)
    assert done.stdout == "False None\n"
    done = subprocess.run([*command, *ASKED, "-q"], env=outside, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert complete(project) == [] and left_behind(project) == []
    pages = [digests(place / "outputs" / "notebooks") for place in (one_page, project)]
    assert pages[0] == pages[1] and pages[0]


def test_outside_of_a_project_the_command_says_how_to_begin(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if name != "ELDERCARE_ROOT"} | {"LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "eldercare", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "begin in the project's folder" in done.stderr
    assert len(done.stderr.splitlines()) == 1
