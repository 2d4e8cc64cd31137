"""What results were made from: the parameters, tables and files that were read on the way to them."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any, Self

PACKAGE = Path(__file__).parents[1]


@dataclass
class Reads:
    """A record that grows while something is computed.

    ``parameters`` are (scenario, area, key), ``tables`` those of data/raw, ``files`` those of the project that were
    opened by code outside this package, by their path from its folder.
    """

    parameters: set[tuple[str, str, str]] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls) -> Self:
        """Return the empty record of a project that is being loaded; what is recorded now holds it in the end."""
        reads = cls()
        for one in _recordings:
            one.parts.append(reads)
        return reads

    def update(self, other: Self) -> None:
        """Add another record to this one."""
        self.parameters |= other.parameters
        self.tables |= other.tables
        self.files |= other.files

    def record(self) -> dict[str, list]:
        """Return the record as plain values, areas that read the same keys together.

        Examples
        --------
        >>> reads = Reads({("base", "north", "k"), ("base", "south", "k")}, {"t"})
        >>> reads.record()
        {'parameters': [['base', ['north', 'south'], ['k']]], 'tables': ['t'], 'files': []}
        >>> Reads.of(reads.record()) == reads
        True
        """
        keys = defaultdict(set)
        for scenario, area, key in self.parameters:
            keys[scenario, area].add(key)
        areas = defaultdict(list)
        for (scenario, area), names in sorted(keys.items()):
            areas[scenario, tuple(sorted(names))].append(area)
        parameters = [[scenario, same, list(names)] for (scenario, names), same in areas.items()]
        return {"parameters": parameters, "tables": sorted(self.tables), "files": sorted(self.files)}

    @classmethod
    def of(cls, record: Mapping[str, list]) -> Self:
        """Return the reads of a record."""
        rows = record["parameters"]
        parameters = {(scenario, area, key) for scenario, areas, keys in rows for area in areas for key in keys}
        return cls(parameters, set(record["tables"]), set(record.get("files", ())))


@dataclass
class _Recording:
    """What is being recorded: the records of the projects that are loaded, and the files that are opened below root."""

    root: str
    parts: list[Reads] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


# What is being recorded now; mostly one or none.
_recordings: list[_Recording] = []


def _is_by_others() -> bool:
    """Say whether the innermost code that is not a library's is a notebook's."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "__main__" or (module.startswith("eldercare.") and module != __name__):
            return module == "__main__"
        frame = frame.f_back
    return False


def _hear(event: str, arguments: tuple) -> None:
    """Note a file of a project that is opened to be read, unless this package opens it for its own purposes."""
    if event != "open" or not _recordings:
        return
    path, mode = arguments[:2]
    if not isinstance(path, str | bytes | os.PathLike) or set("wax") & set(str(mode or "")):
        return
    name = os.path.abspath(os.fsdecode(path))
    for recording_now in _recordings:
        if not name.startswith(recording_now.root) or not _is_by_others():
            continue
        is_compiled = name.endswith(".pyc") and os.path.basename(os.path.dirname(name)) == "__pycache__"
        file = Path(source_from_cache(name) if is_compiled else name)
        parts = file.relative_to(recording_now.root).parts
        if parts[0] != "outputs" and not any(part.startswith(".") for part in parts) and PACKAGE not in file.parents:
            recording_now.files.add("/".join(parts))


# Hears of every file that this process opens, from the first call on.
_listen = cache(sys.addaudithook)


@contextmanager
def recording(root: Path) -> Iterator[Reads]:
    """Give a record that holds in the end what was read meanwhile of all projects, and which files below ``root``."""
    _listen(_hear)
    reads, mine = Reads(), _Recording(os.path.join(os.path.abspath(root), ""))
    _recordings.append(mine)
    try:
        yield reads
    finally:
        _recordings.remove(mine)
        for part in (*mine.parts, Reads(files=mine.files)):
            reads.update(part)
