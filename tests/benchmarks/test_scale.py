"""The synthetic country is the same on one process, on two, and on a Dask cluster of two processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scale import Part, country, in_order, project_part, report, scale
from eldercare.inputs import load_project

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def here(root: Path):
    return scale(load_project(root), 30, 20, 5, workers=2)


def test_it_has_the_sum_of_its_counties_whatever_the_parts(root: Path, here) -> None:
    whole = country(load_project(root), 20, 5)
    alone, fewer = project_part(whole, range(30)), project_part(whole, range(29))
    np.testing.assert_allclose(here.elders, alone.elders, rtol=1e-12)
    assert (alone.elders > fewer.elders).all()
    assert here.steps == 30 * 20 * 5 * 2 * 101 and here.memory > 0
    assert len(report(here).splitlines()) == 2 + 2 + 1


def test_a_dask_cluster_of_two_processes_gives_the_same_bytes(root: Path, here) -> None:
    distributed = pytest.importorskip("distributed", reason="the optional extra cluster is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "processes": True}
    with distributed.LocalCluster(**options) as cluster:
        far = scale(load_project(root), 30, 20, 5, address=cluster.scheduler_address)
    np.testing.assert_array_equal(far.elders, here.elders)


def test_parts_come_in_order_and_no_more_than_allowed_are_under_way() -> None:
    started = []

    def work(_: object, part: range) -> Part:
        started.append(part)
        return Part(np.array(part), "one", 0)

    with ThreadPoolExecutor(1) as pool:
        for place, part in enumerate(in_order(pool, work, None, (range(n) for n in range(50)), 3)):
            assert list(part.elders) == list(range(place))
            assert len(started) <= place + 3


def test_the_guard_names_what_became_slower_beside_a_row_of_its_own_run(root: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    from bench import slower

    report = (root / "docs" / "performance.md").read_text(encoding="utf-8")
    assert slower(report, report) == []
    other = report.replace("96 pages, `eldercare run`", "102 pages, `eldercare run`")
    ratio = next(line.split("|")[3].strip() for line in report.splitlines() if "`eldercare run` |" in line)
    assert slower(report, other.replace(f"| {ratio} |", f"| {float(ratio) * 1.05:.2f} |")) == []
    told = slower(report, other.replace(f"| {ratio} |", f"| {float(ratio) * 1.5:.2f} |"))
    assert told == [f"slower: pages, `eldercare run`, {float(ratio) * 1.5:.2f} where it was {ratio}"]
