"""Notebooks are the same from this machine and from a cluster."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from tests.site.faults import left_behind, small_project, wait_for

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the workers of the cluster have their own."""
    return tmp_path_factory.mktemp("dask")


@pytest.fixture(scope="module")
def cluster(scratch: Path):
    """Return a Dask cluster on this machine, whose work is done in another process."""
    distributed = pytest.importorskip("distributed", reason="the optional extra cluster is not installed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0", "processes": True}
    with distributed.LocalCluster(**options, local_directory=scratch) as one:
        yield one


def test_notebooks_from_a_cluster_are_those_of_this_machine(root: Path, tmp_path: Path, cluster) -> None:
    project = small_project(root, tmp_path / "project", ("04_meals",))
    asked = {"scenarios": ("baseline",), "areas": ("deqing",), "language": "en", "quiet": True}
    made = []
    for where in ("", cluster.scheduler_address):
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


def test_workers_that_are_lost_are_waited_for_so_long_and_leave_nothing(
    root: Path, tmp_path: Path, cluster, scratch: Path, monkeypatch, capsys
) -> None:
    project = small_project(root, tmp_path / "project", ("04_meals",))
    monkeypatch.chdir(project)
    monkeypatch.setattr("eldercare.publish.cluster.WAIT", 2)
    file, begun = project / "notebooks" / "04_meals.ipynb", tmp_path / "begun"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells[1]["source"] = f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(600)"
    file.write_text(json.dumps(notebook), encoding="utf-8")
    lost = threading.Thread(target=lambda: (wait_for(begun.exists), cluster.scale(0)))
    lost.start()
    address = cluster.scheduler_address
    assert main(["run", "--area", "deqing", "--language", "en", "--cluster", address, "-q"]) == 2
    lost.join()
    assert capsys.readouterr().err == f"--cluster: {address!r}: no worker at this address for 2 seconds\n"
    assert not (project / "outputs" / "site").exists() and left_behind(project) == []
    # Nor does a run begin without workers.
    assert main(["run", "--area", "deqing", "--language", "en", "--cluster", address, "-q"]) == 2
    assert "no worker at this address for 2 seconds" in capsys.readouterr().err
    ended = f'! pgrep -f "eldercare.publish.[c]luster {scratch}"'
    wait_for(lambda: subprocess.run(ended, shell=True, stdout=subprocess.DEVNULL, check=False).returncode == 0)
