"""The inputs as they ship, for tests: whatever facts, rows, scenarios and notebooks of one's own the project holds.

tests/shipped.txt names every input, and of a table how many lines it has. ROOT is the project's folder, or where there
is more than that, a copy whose inputs are without it. ``python -m tests.shipped`` names what tests leave out (status
1); with ``--write`` the list is made anew, as when a file or a row is to ship.
"""

from __future__ import annotations

import atexit
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".txt")
FOLDERS = ("config", "data/raw", "notebooks", "analysis")


def is_table(name: str) -> bool:
    return name.startswith("data/raw/") and name.endswith(".csv")


def inputs(project: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file of the inputs; hidden ones are none."""
    for file in sorted(file for folder in FOLDERS for file in (project / folder).rglob("*") if file.is_file()):
        name = file.relative_to(project)
        if not any(part.startswith(".") for part in name.parts):
            yield name.as_posix(), file.read_bytes()


def shipped(name: str, content: bytes, lines: dict[str, int]) -> bytes | None:
    """Return what ships of a file: the first lines of a table, a county without facts, any other as it is."""
    if name not in lines:
        return None
    if is_table(name):
        return b"".join(content.splitlines(keepends=True)[: lines[name]])
    if name.startswith("config/counties/"):
        return re.sub(rb"^facts:.*(?:\r?\n(?:[ \t#].*)?)*", b"facts: {}\n", content, flags=re.MULTILINE)
    return content


def listed() -> dict[str, int]:
    """Return what ships, with the number of lines of tables."""
    words = [line.split() for line in LIST.read_text(encoding="utf-8").splitlines()]
    return {name: int(lines[0]) if lines else 0 for name, *lines in words}


def own(project: Path) -> list[str]:
    """Return the inputs of a project that do not ship, or hold more than ships."""
    lines = listed()
    return [name for name, content in inputs(project) if shipped(name, content, lines) != content]


def without_own(project: Path, target: Path) -> Path:
    """Make a folder with a project's inputs as they ship, and links to everything else."""
    lines = listed()
    for name, content in inputs(project):
        if (kept := shipped(name, content, lines)) is not None:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(kept)
    for path in (*project.iterdir(), *(project / "data").iterdir()):
        if not (beside := target / path.relative_to(project)).exists():
            beside.symlink_to(path)
    return target


def root() -> Path:
    """Return the folder that tests look at."""
    if not own(PROJECT):
        return PROJECT
    folder = Path(tempfile.mkdtemp(prefix="eldercare-shipped-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return without_own(PROJECT, folder)


def main(words: list[str]) -> int:
    """Name what tests leave out, or take it up as shipped."""
    if words == ["--write"]:
        lines = [f"{name} {len(text.splitlines())}" if is_table(name) else name for name, text in inputs(PROJECT)]
        LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 0
    for name in (found := own(PROJECT)):
        print(f"{name}: of one's own, left out by tests (if it ships: python -m tests.shipped --write)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

ROOT = root()
