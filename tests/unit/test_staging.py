"""The exchange of the results: killed at any step of it, the live site is whole, and the next start finishes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from eldercare.publish import staging
from eldercare.publish.staging import FOLDERS, Staging, exchange, locked, recover

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a process at a chosen step"),
]


def make(outputs: Path, text: str, run_id: str) -> None:
    """Publish results whose every file holds the same text."""
    with Staging(outputs, run_id) as stage:
        for name in FOLDERS:
            for file in ("a", "b/c", "d"):
                stage.write(f"{name}/{file}", text)
        stage.publish()


def content(folder: Path) -> set[str]:
    return {f.read_text() for f in folder.rglob("*") if f.is_file() and f.name != ".run"} if folder.is_dir() else set()


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

        for name in ("rename", "replace", "write_bytes", "open", "mkdir"):
            setattr(Path, name, watched(getattr(Path, name)))
        staging.exchange = watched(exchange) if swaps else watched(lambda *_: False)
        staging.shutil.rmtree = watched(staging.shutil.rmtree)
        make(outputs, "new", "0002-bbbb")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("swaps", [True, False])
def test_killed_at_every_step_of_a_publication_the_next_start_has_one_whole_run(tmp_path, swaps):
    steps, ends = 0, set()
    while True:
        steps += 1
        outputs = tmp_path / f"outputs{steps}"
        make(outputs, "old", "0001-aaaa")
        killed = killed_at(steps, outputs, swaps)
        live = content(outputs / "site")
        # Where the system cannot exchange two folders in one step, the site is away between two renames.
        assert live in ({"old"}, {"new"}) or (not swaps and not (outputs / "site").exists())
        recover(outputs)
        after = {name: content(outputs / name) for name in FOLDERS}
        assert len({frozenset(one) for one in after.values()}) == 1 and after["site"] in ({"old"}, {"new"})
        assert live <= after["site"] or live == {"old"}
        assert {path.name for path in outputs.iterdir()} == set(FOLDERS)
        ends |= after["site"]
        if not killed:
            break
    assert steps > 30 and ends == {"old", "new"}


def test_a_second_holder_of_the_lock_is_told_and_the_first_goes_on(tmp_path):
    with locked(tmp_path / "outputs"), pytest.raises(ValueError, match="another run is writing here"):
        with locked(tmp_path / "outputs"):
            pass
    with locked(tmp_path / "outputs"):
        pass


def test_a_file_where_the_outputs_should_be_is_told(tmp_path):
    (tmp_path / "outputs").write_text("in the way")
    with pytest.raises(ValueError, match="cannot be written"):
        with locked(tmp_path / "outputs"):
            pass
    assert (tmp_path / "outputs").read_text() == "in the way"


def test_a_staging_that_cannot_be_filled_leaves_nothing(tmp_path, monkeypatch):
    make(tmp_path, "old", "0001-aaaa")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging.shutil, "copytree", full)
    with pytest.raises(OSError):
        make(tmp_path, "new", "0002-bbbb")
    assert content(tmp_path / "site") == {"old"} and not (tmp_path / ".staging").exists()
