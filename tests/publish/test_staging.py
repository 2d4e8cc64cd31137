"""The exchange of the results: killed at any step of it, the live site is whole, and the next start finishes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from eldercare.publish import staging
from eldercare.publish.staging import Staging, exchange, locked, recover

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process at a chosen step")
FOLDERS = ("notebooks", "tables", "runs", "site")
FILES = [f"{name}/{file}" for name in FOLDERS for file in ("a", "b/c", "d")]


def make(outputs: Path, text: str) -> None:
    """Publish results whose every file holds the same text."""
    with locked(outputs) as work:
        stage = Staging(outputs, work / "0001")
        for file in FILES:
            stage.write(file, text)
        stage.publish(FILES)


def content(folder: Path) -> set[str]:
    return {file.read_text() for file in folder.rglob("*") if file.is_file()} if folder.is_dir() else set()


def files(outputs: Path) -> set[str]:
    return {file.relative_to(outputs).as_posix() for file in outputs.rglob("*") if file.is_file()} - {".lock"}


def killed_at(step: int, outputs: Path, swaps: bool) -> bool:
    """Publish new results in a process that is killed -9 at a step; say whether it was killed before it was done."""
    child = os.fork()
    if child == 0:
        count = 0

        def watched(original):
            def call(*arguments, **named):
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*arguments, **named)

            return call

        for name in ("rename", "replace", "write_bytes", "unlink", "rmdir", "mkdir"):
            setattr(Path, name, watched(getattr(Path, name)))
        staging.exchange = watched(exchange) if swaps else watched(lambda *_: False)
        staging.shutil.rmtree = watched(staging.shutil.rmtree)
        make(outputs, "new")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.site
@pytest.mark.parametrize("swaps", [True, False])
def test_killed_at_every_step_of_a_publication_the_site_is_whole_and_the_next_run_puts_all_right(tmp_path, swaps):
    steps, seen = 0, set()
    while True:
        steps += 1
        outputs = tmp_path / f"outputs{steps}"
        make(outputs, "old")
        (outputs / "tables" / "gone").write_text("of a scenario that is no more")
        killed = killed_at(steps, outputs, swaps)
        live = content(outputs / "site")
        # Where the system cannot exchange two folders in one step, the site is away between two renames.
        assert live in ({"old"}, {"new"}) or (not swaps and not (outputs / "site").exists())
        recover(outputs)
        after = content(outputs / "site")
        assert after in ({"old"}, {"new"}) and live in (set(), after)
        assert not (outputs / ".staging").exists()
        seen |= after
        make(outputs, "newest")
        assert {text for name in FOLDERS for text in content(outputs / name)} == {"newest"} and files(outputs) == {
            *FILES
        }
        if not killed:
            break
    assert steps > 30 and seen == {"old", "new"}


def test_files_that_are_taken_over_are_not_written_again_and_others_go(tmp_path):
    make(tmp_path, "old")
    before = (tmp_path / "site" / "a").stat().st_ino
    with locked(tmp_path) as work:
        stage = Staging(tmp_path, work / "0002")
        stage.link("site/a", stage.find("site/a"))
        stage.write("tables/x", "new")
        stage.link("site/data/x", stage.find("tables/x"))
        stage.publish({"tables/x", "notebooks/a"})
    assert files(tmp_path) == {"site/a", "site/data/x", "tables/x", "notebooks/a", "runs/a", "runs/b/c", "runs/d"}
    assert (tmp_path / "site" / "a").stat().st_ino == before
    assert (tmp_path / "site" / "data" / "x").samefile(tmp_path / "tables" / "x")


def test_a_second_holder_of_the_lock_is_told_and_the_first_goes_on(tmp_path):
    with locked(tmp_path / "outputs") as work:
        with pytest.raises(ValueError, match="another run is writing here"), locked(tmp_path / "outputs"):
            pass
        assert work.is_dir()
    with locked(tmp_path / "outputs"):
        pass


def test_a_file_where_the_outputs_should_be_is_told(tmp_path):
    (tmp_path / "outputs").write_text("in the way")
    with pytest.raises(ValueError, match="cannot be written"), locked(tmp_path / "outputs"):
        pass
    assert (tmp_path / "outputs").read_text() == "in the way"


@pytest.mark.parametrize("name", ["site/../../x", "../x", "/tmp/x", "site/out/x"])
def test_nothing_is_written_outside(tmp_path, name):
    stage = Staging(tmp_path / "outputs", tmp_path / "outputs" / ".staging" / "0001")
    (stage.root / "site").mkdir(parents=True)
    (stage.root / "site" / "out").symlink_to(tmp_path)
    for touch in (lambda: stage.write(name, "x"), lambda: stage.link(name, Path(__file__)), lambda: stage.find(name)):
        with pytest.raises(ValueError, match="leads out of the outputs"):
            touch()


def test_a_link_in_the_place_of_a_folder_is_replaced_and_not_gone_through(tmp_path):
    outputs = tmp_path / "outputs"
    make(outputs, "old")
    theirs = tmp_path / "theirs"
    (outputs / "tables" / "b").rename(theirs)
    (outputs / "tables" / "b").symlink_to(theirs)
    (outputs / "notebooks" / "d").unlink()
    (outputs / "notebooks" / "d").mkdir()
    make(outputs, "new")
    assert content(theirs) == {"old"} and {text for name in FOLDERS for text in content(outputs / name)} == {"new"}
