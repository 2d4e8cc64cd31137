"""Runs that are killed, run out of disk, meet a read-only folder or one another: the last good site stays whole."""

from __future__ import annotations

import json
import shutil

import pytest

from eldercare.inputs import load_project
from eldercare.model.cache import FOLDER, sweep
from tests.site import faults
from tests.site.faults import ASKED


@pytest.fixture
def project(one_page, tmp_path):
    """Return a copy of a published project with another seed, so that a run has everything to do anew."""
    shutil.copytree(one_page, tmp_path / "project")
    faults.set_run(tmp_path / "project", "seed", 7)
    return tmp_path / "project"


def test_killed_at_several_moments_the_site_is_complete_and_the_next_run_cleans_up(project):
    faults.short_notebook(project)
    before, seen = faults.digests(project / "outputs" / "site"), []
    # When the workers begin, when a page is made, and when the tables are.
    for file in ("scratch", "*.ipynb", "*.xlsx"):
        process = faults.start(project, *ASKED, "-q")
        faults.wait_for(lambda file=file: list((project / "outputs" / ".staging").rglob(file)))
        process.kill()
        process.communicate()
        assert faults.complete(project) == []
        seen.append(faults.digests(project / "outputs" / "site"))
    faults.wait_for(lambda: faults.processes(project) == [])
    assert faults.here(project, *ASKED, "-q")[::2] == (0, "")
    assert faults.complete(project) == [] and faults.left_behind(project) == []
    # Either the site before or the whole new one: a run may be killed when it has just exchanged them.
    after = faults.digests(project / "outputs" / "site")
    assert after != before and all(site in (before, after) for site in seen)


def test_two_runs_at_once_the_second_is_told_and_the_first_finishes(project):
    faults.short_notebook(project)
    first = faults.start(project, *ASKED, "-q")
    faults.wait_for(lambda: list((project / "outputs" / ".staging").glob("scratch")))
    status, out, error = faults.here(project, *ASKED)
    assert (status, out) == (2, "")
    assert error.endswith("outputs: another run is writing here (wait until it has finished)\n")
    assert first.communicate(timeout=300)[1] == "" and first.returncode == 0
    assert faults.complete(project) == [] and faults.left_behind(project) == []


def test_a_file_that_cannot_grow_as_on_a_full_disk_ends_with_status_1_and_the_old_site(project):
    before = faults.digests(project / "outputs")
    status, _, error = faults.run(project, *ASKED, "-q", before=faults.file_limit(60_000))
    assert status == 1 and "Traceback" not in error
    assert error == "the results cannot be written: File too large; the published site stays as it was\n"
    assert faults.digests(project / "outputs") == before and faults.left_behind(project) == []


def test_a_full_disk_ends_with_status_1_and_the_old_site(project):
    outputs, aside = project / "outputs", project / "aside"
    size = sum(file.stat().st_size for file in outputs.rglob("*") if file.is_file()) / 1e6
    outputs.rename(aside)
    try:
        with faults.small_disk(outputs, size + 0.15):
            shutil.copytree(aside, outputs, dirs_exist_ok=True)
            before = faults.digests(outputs)
            status, _, error = faults.here(project, *ASKED, "-q")
            assert status == 1 and "Traceback" not in error and "No space left on device" in error, error
            assert faults.complete(project) == [] and faults.left_behind(project) == []
            assert faults.digests(outputs) == before
    except OSError as error:
        pytest.skip(f"no small file system can be made here: {error}")


def test_read_only_outputs_end_with_status_2_before_any_work(project):
    before = faults.digests(project / "outputs")
    try:
        with faults.unwritable(project / "outputs"):
            status, out, error = faults.here(project, *ASKED)
    except OSError as error:
        pytest.skip(f"a folder cannot be made read-only for root here: {error}")
    assert (status, out) == (2, "") and "outputs: cannot be written: " in error and len(error.splitlines()) == 1
    assert faults.digests(project / "outputs") == before


def test_a_file_in_the_place_of_the_outputs_ends_with_status_2(project):
    shutil.rmtree(project / "outputs")
    (project / "outputs").write_text("in the way")
    status, out, error = faults.here(project, *ASKED)
    assert (status, out) == (2, "") and "outputs: cannot be written: " in error and len(error.splitlines()) == 1


def test_a_notebook_that_fails_ends_with_status_1_and_the_old_site(project):
    file = project / "notebooks" / "03_beds.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    notebook["cells"][-1] |= {
        "source": ["raise MemoryError('no more')"],
        "id": "broken-cell",
        "metadata": {"tags": ["numbers"]},
    }
    file.write_text(json.dumps(notebook), encoding="utf-8")
    before = faults.digests(project / "outputs")
    status, _, error = faults.here(project, *ASKED, "-q")
    assert status == 1 and "cell broken-cell: failed" in error and "nothing is published" in error
    assert faults.digests(project / "outputs") == before and faults.left_behind(project) == []


def test_projections_cut_short_are_computed_again_and_half_stored_ones_swept(project):
    from eldercare.model import Results

    given = load_project(project)
    whole = Results("deqing", project=given).population
    cut = 0
    for file in (project / FOLDER).glob("projection-*/*.pkl"):
        content = file.read_bytes()
        file.unlink()  # the one that was read is still open
        file.write_bytes(content[: len(content) // 2])
        file.with_suffix(".part1234").write_bytes(content[:100])
        cut += 1
    assert cut
    assert Results("deqing", project=given).population.equals(whole)
    sweep(project)
    assert faults.left_behind(project) == []
