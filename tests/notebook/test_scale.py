"""The scale run and the notebooks give the same on this machine and on a cluster, for any number of workers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.model.scale import Part, country, project_part
from eldercare.publish import Request, publish
from eldercare.publish.scale import _in_order, scale


@pytest.fixture(scope="module")
def address():
    """Return the address of a Dask cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="the optional extra cluster is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "processes": True}
    with distributed.LocalCluster(**options) as one:
        yield one.scheduler_address


@pytest.fixture(scope="module")
def local(root: Path):
    return scale(load_project(root), 30, 20, 5, number=2)


def test_the_number_of_workers_changes_no_byte(root: Path, local) -> None:
    alone = scale(load_project(root), 30, 20, 5, number=1)
    np.testing.assert_array_equal(alone.elders, local.elders)
    assert alone.steps == local.steps == 30 * 20 * 5 * 2 * 101
    assert alone.memory > 0 and alone.elders.shape == (6, 20)


def test_a_cluster_gives_the_same_country(root: Path, local, address: str) -> None:
    far = scale(load_project(root), 30, 20, 5, address=address)
    np.testing.assert_array_equal(far.elders, local.elders)


def test_a_larger_country_has_the_same_first_counties(root: Path) -> None:
    one = country(load_project(root), 20, 5)
    few, more = project_part(one, range(3)), project_part(one, range(5))
    rest = project_part(one, range(3, 5))
    np.testing.assert_allclose(few.elders + rest.elders, more.elders, rtol=1e-12)
    assert not np.allclose(rest.elders, few.elders)


def test_no_more_parts_than_allowed_are_under_way() -> None:
    from concurrent.futures import ThreadPoolExecutor

    started = []

    def work(_: object, piece: range) -> Part:
        started.append(piece)
        return Part(np.array(piece), "one", 0)

    with ThreadPoolExecutor(1) as pool:
        results = _in_order(pool, work, None, iter([range(n) for n in range(50)]), 3)
        for at, part in enumerate(results):
            assert list(part.elders) == list(range(at))
            assert len(started) <= at + 4


def test_notebooks_from_a_cluster_are_those_of_this_machine(project_copy: Path, address: str) -> None:
    asked = {"scenarios": ("baseline",), "areas": ("deqing",), "language": "en", "quiet": True}
    made = []
    for where in ("", address):
        request = Request(notebooks=("03_beds", "04_meals"), cluster=where, force=True, **asked)
        assert publish(load_project(project_copy), request) == 0
        files = sorted((project_copy / "outputs" / "notebooks").rglob("*.ipynb"))
        made.append({file.name: json.loads(file.read_text(encoding="utf-8"))["cells"] for file in files})
    assert set(made[0]) == {"03_beds.ipynb", "04_meals.ipynb"}
    assert made[0] == made[1]


def test_an_address_where_nobody_answers_is_one_line(root: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr("eldercare.publish.cluster.WAIT", 1)
    pytest.importorskip("distributed")
    assert main(["scale", "--counties", "1", "--draws", "20", "--years", "1", "--cluster", "nowhere"]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err
    assert main(["scale", "--draws", "3"]) == 2
    assert capsys.readouterr().err == "--draws: 3: a whole number from 20 is allowed\n"
