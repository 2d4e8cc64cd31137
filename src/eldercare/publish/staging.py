"""Staging: build beside the live results, then exchange; a killed run leaves the last good site whole."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from eldercare.inputs import InputError
from eldercare.inputs.problems import Problem, _, reason

# The site comes last: when it is exchanged, everything that it links to is in place.
FOLDERS = ("notebooks", "tables", "runs", "site")
MARK = ".run"
COMMIT = "commit"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def locked(outputs: Path) -> Iterator[None]:
    """Hold the lock of an outputs folder, so that no second run writes there.

    Raises
    ------
    InputError
        If another run holds it, or the folder cannot be written.
    """
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        stream = (outputs / ".lock").open("a")
    except OSError as error:
        raise InputError(
            Problem(str(outputs), message=_("cannot be written: {reason}", reason=reason(error)))
        ) from error
    with stream:
        _lock(stream, outputs)
        try:
            # Whether a folder can be made here is better known before the work than after it.
            (outputs / ".staging").mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                Problem(str(outputs), message=_("cannot be written: {reason}", reason=reason(error)))
            ) from error
        yield


def _not_writable(outputs: Path, error: OSError) -> InputError:
    return InputError(Problem(str(outputs), message=_("cannot be written: {reason}", reason=reason(error))))


def _lock(stream: TextIO, outputs: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such lock on this system; runs must not be started twice there
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        message, hint = _("another run is writing here"), _("wait until it has finished")
        raise InputError(Problem(str(outputs), message=message, hint=hint)) from error


class Staging:
    """A private copy of the outputs in which a run works; files are replaced, never edited in place.

    Parameters
    ----------
    outputs : Path
        Live folder, the one that holds site, notebooks, tables and runs.
    run_id : str
    """

    def __init__(self, outputs: Path, run_id: str):
        self.outputs = outputs
        self.run_id = run_id
        self.root = outputs / ".staging" / run_id

    def __enter__(self) -> Staging:
        try:
            for name in FOLDERS:
                live, staged = self.outputs / name, self.root / name
                staged.mkdir(parents=True)
                if live.is_dir():
                    shutil.copytree(live, staged, copy_function=_link, dirs_exist_ok=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        if (self.root / COMMIT).is_file():
            # Interrupted in the exchange: half of it would be worse than either.
            roll_forward(self.root, self.outputs)
        shutil.rmtree(self.root, ignore_errors=True)
        _remove_if_empty(self.root.parent)

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the staged outputs; an equal one is left as it is."""
        target = self.root / path
        data = content.encode("utf-8") if isinstance(content, str) else content
        if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        fresh.write_bytes(data)
        fresh.replace(target)
        return target

    def link(self, path: str, source: Path) -> None:
        """Put an existing file of the staged outputs at a second place, without a copy where that is possible."""
        target = self.root / path
        if target.exists() and target.samefile(source):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        fresh.unlink(missing_ok=True)
        _link(str(source), str(fresh))
        fresh.replace(target)

    def remove(self, path: str) -> None:
        """Take a file or a folder out of the staged outputs, with folders that it leaves empty."""
        target = self.root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        parent = target.parent
        while parent.parent != self.root and _remove_if_empty(parent):
            parent = parent.parent

    def publish(self) -> None:
        """Exchange the staged folders with the live ones; from the first to the last a killed run is rolled forward."""
        for name in FOLDERS:
            self.write(f"{name}/{MARK}", f"{self.run_id}\n")
        with (self.root / COMMIT).open("w") as stream:
            stream.write(self.run_id)
            stream.flush()
            os.fsync(stream.fileno())
        roll_forward(self.root, self.outputs)


@contextmanager
def scratch(outputs: Path) -> Iterator[Path]:
    """Give a folder for files that are not published; what a killed run leaves in it is removed by the next one."""
    folder = outputs / ".staging" / "scratch"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_if_empty(folder.parent)


def recover(outputs: Path) -> None:
    """Finish the exchange of a run that was killed in it, and remove what killed runs left behind."""
    left = outputs / ".staging"
    if not left.is_dir():
        return
    for root in sorted(left.iterdir()):
        if (root / COMMIT).is_file() and (root / COMMIT).read_text() == root.name:
            roll_forward(root, outputs)
        shutil.rmtree(root, ignore_errors=True)
    _remove_if_empty(left)


def roll_forward(root: Path, outputs: Path) -> None:
    """Put every staged folder that is not yet live in place; may be repeated."""
    for name in FOLDERS:
        staged, live = root / name, outputs / name
        if _marked(live, root.name) or not _marked(staged, root.name):
            continue
        if not live.exists():
            staged.rename(live)
        elif not exchange(staged, live):
            # Between these two renames the folder is missing; the next start puts it in place.
            aside = root / f"{name}.old"
            live.rename(aside)
            staged.rename(live)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step where the system can; return whether it could."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    return rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0


def _marked(folder: Path, run_id: str) -> bool:
    mark = folder / MARK
    return mark.is_file() and mark.read_text().strip() == run_id


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _remove_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
