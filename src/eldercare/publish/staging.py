"""Staging: a site is built beside the live one, and one exchange puts it in place; a killed run leaves it whole."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from eldercare.inputs import InputError, Problem
from eldercare.inputs.problems import _, reason

# In the order in which they are put in place, before the site: a manifest names only what is there.
FILES = ("notebooks", "tables", "runs")
SITE, ASIDE = "site", "site.old"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def locked(outputs: Path) -> Iterator[Path]:
    """Hold the lock of an outputs folder, so that no second run writes there, and give a folder to work in.

    What a killed run left there is removed.

    InputError if another run holds the lock, or the folder cannot be written.
    """
    work = outputs / ".staging"
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        lock = FileLock(outputs / ".lock", timeout=0)
        lock.acquire()
        # Whether a folder can be made here is better known before the work than after it.
        recover(outputs)
        work.mkdir()
    except Timeout as error:
        message, hint = _("another run is writing here"), _("wait until it has finished")
        raise InputError(Problem(str(outputs), message=message, hint=hint)) from error
    except OSError as error:
        message = _("cannot be written: {reason}", reason=reason(error))
        raise InputError(Problem(str(outputs), message=message)) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.release()


def recover(outputs: Path) -> None:
    """Remove what a killed run left; a site that it had moved away for its own comes first into its place."""
    for staged in (outputs / ".staging").glob(f"*/{SITE}"):
        if staged.with_name(ASIDE).exists() and not (outputs / SITE).exists():
            staged.rename(outputs / SITE)
    shutil.rmtree(outputs / ".staging", ignore_errors=True)


class Staging:
    """A site that is built anew, and the other files of a run, until they are put in place.

    Parameters
    ----------
    outputs : live folder, the one that holds site, notebooks, tables and runs
    work : folder to work in, on the same disk
    """

    def __init__(self, outputs: Path, work: Path):
        self.outputs = outputs
        self.root = work

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the staged outputs."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return target

    def link(self, path: str, source: Path) -> None:
        """Put a file that there is into the staged outputs, without a copy where that is possible."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    def find(self, path: str) -> Path:
        """Return a file of the staged outputs, or the live one where this run has made none."""
        staged = self.root / path
        return staged if staged.exists() else self.outputs / path

    def publish(self, files: Collection[str]) -> None:
        """Put everything in place, the site at last and at once.

        Parameters
        ----------
        files : what there is to be in notebooks and tables; everything else is removed there
        """
        for name in FILES:
            for file in sorted(path for path in (self.root / name).rglob("*") if path.is_file()):
                target = self.outputs / file.relative_to(self.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
        staged, live = self.root / SITE, self.outputs / SITE
        if not live.exists():
            staged.rename(live)
        elif not exchange(staged, live):
            # Between these two renames the site is missing; the next start puts it in place.
            live.rename(staged.with_name(ASIDE))
            staged.rename(live)
        for path in sorted((p for name in FILES[:2] for p in (self.outputs / name).rglob("*")), reverse=True):
            if path.is_dir():
                _remove_if_empty(path)
            elif path.relative_to(self.outputs).as_posix() not in files:
                path.unlink()


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step where the system can; return whether it could."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    return rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
