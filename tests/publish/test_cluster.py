"""Notebooks are the same from this machine and from a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.publish import Request, publish
from tests.site.faults import small_project

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def address():
    """Return the address of a Dask cluster on this machine, whose work is done in another process."""
    distributed = pytest.importorskip("distributed", reason="the optional extra cluster is not installed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0", "processes": True}
    with distributed.LocalCluster(**options) as one:
        yield one.scheduler_address


def test_notebooks_from_a_cluster_are_those_of_this_machine(root: Path, tmp_path: Path, address: str) -> None:
    project = small_project(root, tmp_path / "project", ("04_meals",))
    asked = {"scenarios": ("baseline",), "areas": ("deqing",), "language": "en", "quiet": True}
    made = []
    for where in ("", address):
        request = Request(notebooks=("04_meals",), cluster=where, force=True, **asked)
        assert publish(load_project(project), request) == 0
        files = sorted((project / "outputs" / "notebooks").rglob("*.ipynb"))
        made.append({file.name: json.loads(file.read_text(encoding="utf-8"))["cells"] for file in files})
    assert set(made[0]) == {"04_meals.ipynb"}
    assert made[0] == made[1]


def test_an_address_where_nobody_answers_is_one_line(project_copy: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(project_copy)
    monkeypatch.setattr("eldercare.publish.cluster.WAIT", 1)
    pytest.importorskip("distributed")
    assert main(["run", "--area", "deqing", "--cluster", "nowhere"]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err
