"""A run that watches: pages follow what is saved, faults are told and waited out, an interrupt ends it well."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.site.faults import ASKED, complete, left_behind, processes, start, wait_for

pytestmark = pytest.mark.site
FACT = "facts:\n  beds.norm: {set: 55, interval: none, evidence: assumption, source: none, locator: a test}\n"


def test_pages_follow_what_is_saved_and_faults_end_nothing(one_page: Path, tmp_path: Path):
    project = shutil.copytree(one_page, tmp_path / "project")
    page, runs = project / "outputs/site/en/baseline/deqing/03_beds.html", project / "outputs/runs"
    county = project / "config" / "counties" / "deqing.yaml"
    text = county.read_text(encoding="utf-8")
    before = page.read_text(encoding="utf-8")
    process = start(
        project, *ASKED, "--watch", before="import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == "the headline is as before\n"
    assert "0 pages executed, 1 kept" in process.stdout.readline()
    county.write_text(text.replace("facts: {}\n", FACT.replace("beds.norm", "beds.nor")), encoding="utf-8")
    assert "did you mean beds.norm?" in process.stderr.readline()
    county.write_text(text.replace("facts: {}\n", FACT), encoding="utf-8")
    wait_for(lambda: len(list(runs.glob("*.json"))) == 2 and page.read_text(encoding="utf-8") != before)
    assert process.poll() is None and "55" in page.read_text(encoding="utf-8")
    wait_for(lambda: left_behind(project) == [])
    process.send_signal(signal.SIGINT)
    _out, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "")
    assert complete(project) == []
    wait_for(lambda: processes(project) == [])
