"""Staging: a site is built beside the live one, and one exchange puts it in place; a killed run leaves it whole."""

import ctypes
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eldercare.inputs.guards import writing
from eldercare.inputs.problems import InputError, Problem, _

# In the order in which they are put in place, before the site: a manifest names only what is there.
FILES = ("notebooks", "tables", "runs")
SITE, ASIDE, WORK, LOCK, LOGS = "site", "site.old", ".staging", ".lock", "logs"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def locked(outputs: Path) -> Iterator[Path]:
    """Hold the lock of an outputs folder, so that no second run writes there, and give a folder to work in.

    What a killed run left there is removed.
    InputError if another run holds the lock, the folder cannot be written, or a link leads out of it.
    """
    work = outputs / WORK
    with writing(str(outputs)):
        outputs.mkdir(parents=True, exist_ok=True)
        _check_links(outputs)
        lock = _lock(outputs)
        # Whether a folder can be made here is better known before the work than after it.
        recover(outputs)
        work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.release()


@contextmanager
def unchanged(outputs: Path) -> Iterator[None]:
    """Keep runs from writing to an outputs folder while it is read; who may not write there cannot keep them from it.

    InputError if a run is going on.
    """
    with ExitStack() as held:
        with suppress(OSError):
            if outputs.is_dir() and not (outputs / LOCK).is_symlink():
                held.callback(_lock(outputs).release)
        yield


def _lock(outputs: Path) -> FileLock:
    lock = FileLock(outputs / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        message, hint = _("another run is writing here"), _("wait until it has finished")
        raise InputError(Problem(str(outputs), message=message, hint=hint)) from error
    return lock


def _check_links(outputs: Path) -> None:
    real = outputs.resolve()
    if (real / "config").exists() or outputs.parent.resolve().is_relative_to(real):
        message = _("leads to the folder of a project; results need a folder of their own")
        raise InputError(Problem(str(outputs), message=message))
    for path in (outputs / name for name in (SITE, *FILES, WORK, LOCK, LOGS)):
        if path.is_symlink():
            message, hint = _("a link; no run writes through it"), _("link the whole folder {name}", name=outputs.name)
            raise InputError(Problem(str(path), message=message, hint=hint))


def recover(outputs: Path) -> None:
    """Remove what a killed run left; a site that it had moved away for its own comes first into its place."""
    for staged in (outputs / WORK).glob(f"*/{SITE}"):
        if staged.with_name(ASIDE).exists() and not (outputs / SITE).exists():
            staged.rename(outputs / SITE)
    shutil.rmtree(outputs / WORK, ignore_errors=True)


class Staging:
    """A site that is built anew, and the other files of a run, until they are put in place.

    ``outputs`` is the live folder with site, notebooks, tables and runs, ``work`` one to work in on the same disk.
    """

    def __init__(self, outputs: Path, work: Path):
        self.outputs, self.root = outputs, work

    def place(self, path: str) -> Path:
        """Return where a file of the staged outputs stands, with a folder for it; InputError if that is outside."""
        target = self.root / path
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise InputError(Problem(path, message=_("leads out of the outputs; nothing is written there")))
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the staged outputs."""
        target = self.place(path)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return target

    def link(self, path: str, source: Path) -> None:
        """Put a file that there is into the staged outputs, without a copy where that is possible."""
        target = self.place(path)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    def find(self, path: str) -> Path:
        """Return a file of the staged outputs, or the live one where this run has made none."""
        staged = self.place(path)
        return staged if staged.exists() else self.outputs / path

    def publish(self, files: Collection[str]) -> None:
        """Put everything in place, the site at last and at once.

        ``files`` is what there is to be in notebooks and tables; everything else is removed there.
        """
        self._sync()
        for name in FILES:
            for file in sorted(path for path in (self.root / name).rglob("*") if path.is_file()):
                target = self.outputs / file.relative_to(self.root)
                for folder in reversed(target.relative_to(self.outputs).parents[:-1]):
                    # What has come into the way of a folder, a link to another one above all, is not gone through.
                    if (self.outputs / folder).is_symlink() or (self.outputs / folder).is_file():
                        (self.outputs / folder).unlink()
                if target.is_dir() and not target.is_symlink():
                    shutil.rmtree(target)
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
            if path.is_dir() and not path.is_symlink():
                with suppress(OSError):  # it is not empty
                    path.rmdir()
            elif path.relative_to(self.outputs).as_posix() not in files:
                path.unlink()

    def _sync(self) -> None:
        """Bring what is staged to the disk, so that no cut of the power leaves a file that is named and not there."""
        if sync := _of_system("syncfs"):
            folder = os.open(self.root, os.O_RDONLY)
            sync(folder)
            os.close(folder)
        elif hasattr(os, "sync"):
            os.sync()


def _of_system(name: str) -> Any:
    """Return a function of the C library; None where there is none of that name."""
    return getattr(ctypes.CDLL(None, use_errno=True), name, None) if os.name == "posix" else None


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step where the system can; return whether it could."""
    rename, paths = _of_system("renameat2"), (AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other))
    return rename is not None and rename(*paths, RENAME_EXCHANGE) == 0
