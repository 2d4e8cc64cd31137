"""The tables of data/raw: each read and checked once against datapackage.json, and given as a frame."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eldercare.inputs.csv_text import read_records
from eldercare.inputs.description import Column, Resource, description
from eldercare.inputs.guards import read_bytes, write_bytes
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean, kept, refuse
from eldercare.inputs.reads import Reads
from eldercare.inputs.strays import inputs_in
from eldercare.inputs.validation import Known, Rows, disagreements, examine, gaps

if TYPE_CHECKING:
    import pandas as pd

FOLDER, DESCRIPTION = "data/raw", "datapackage.json"
# Says for which state of the inputs all checks have passed, so that a run without work needs none of them.
SOUND = ".cache/inputs.sha256"
MISSING = _("missing column")


@dataclass(frozen=True)
class Source:
    """One publication, a row of the table of sources, which datapackage.json describes; ``date`` may be a year."""

    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    note: str
    quality: str


class Judged(NamedTuple):
    """What is wrong with a table, which rows of which area it needs and has not, in words, and the rows it has."""

    problems: list[Problem]
    gaps: Mapping[str, str] = {}
    rows: Rows = {}


@dataclass(frozen=True)
class Content:
    """A table of a folder, the same as another one when all that it is judged by is the same, to the byte."""

    name: str
    judged_by: tuple[object, ...]
    folder: Folder = field(compare=False)


# A process that lives long judges a table once, whichever project it stands in.
@lru_cache(maxsize=128)
def _judged(content: Content) -> Judged:
    name, folder = content.name, content.folder
    try:
        return folder.judge(name, folder.records(name), folder.where(name))
    except InputError as error:
        return Judged(error.problems)


class Folder:
    """data/raw of one project.

    ``examined(name)`` says what is wrong with a table, ``table(name)`` gives it as a frame, one row per row of the
    file, columns in the order of datapackage.json: text and codes as strings (empty cells ``""``), numbers as float
    (empty cells NaN), years and ages as integer, ``used`` as bool. It raises InputError with every fault of the table.
    ``areas``, the city and its counties, is what ``{city}``, ``{counties}`` and ``{areas}`` there stand for.
    """

    def __init__(self, root: Path | str, areas: Sequence[str] = ()):
        self.root, self.path, self.areas = Path(root), Path(root) / FOLDER, tuple(areas)
        self.records: Callable[[str], list[list[str]]] = cache(self._records)
        self.examined: Callable[[str], Judged] = cache(lambda name: _judged(self._content(name)))
        self.table: Callable[[str], pd.DataFrame] = cache(self._table)

    def at(self, root: Path) -> Folder:
        """Return this folder, or its copy in another project, whose frames are those that were read here."""
        if root == self.root:
            return self
        copy = Folder(root, self.areas)
        copy.table = self.table
        return copy

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The description of each table, by name."""
        where = f"{FOLDER}/{DESCRIPTION}"
        package = description(read_bytes(self.path / DESCRIPTION, where), where, self.areas)
        return {resource.name: resource for resource in package.resources}

    @property
    def names(self) -> list[str]:
        """The names of the tables, without optional ones whose file is not there."""
        return [n for n, one in self.resources.items() if not one.optional or (self.path / one.path).exists()]

    def resource(self, name: str) -> Resource:
        """Return the description of a table; InputError when there is none of that name."""
        if name not in self.resources:
            message = _("no such table; there are {names}", names=", ".join(self.resources))
            raise InputError(Problem(FOLDER, "table", name, message, did_you_mean(name, self.resources)))
        return self.resources[name]

    def where(self, name: str) -> str:
        """Return the file of a table, for messages."""
        return f"{FOLDER}/{self.resource(name).path}"

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a table as text by column, checked as ``table`` does."""
        if not self.sound:
            examined, where = self.examined(name), self.where(name)
            gaps = {area: _("rows are missing: {rows}", rows=words) for area, words in examined.gaps.items()}
            missing = [Problem(where, "area" if a else "", a or None, message) for a, message in gaps.items()]
            refuse([*examined.problems, *missing])
        header, *rows = self.records(name)
        return [dict(zip(header, row, strict=True)) for row in rows if any(row)]

    def content(self, file: str) -> object:
        """Return the bytes of a file, or what is like nothing else where there are none to be read."""
        with suppress(InputError):
            if not (self.path / file).is_symlink():
                return read_bytes(self.path / file, file)
        return object()

    def _content(self, name: str) -> Content:
        keys = self.resource(name).table_schema.foreignKeys
        files = [self.resource(other).path for other in (name, *(key.reference.resource for key in keys))]
        return Content(name, (self.areas, *map(self.content, (DESCRIPTION, *files))), self)

    def _records(self, name: str) -> list[list[str]]:
        path, where = self.path / self.resource(name).path, self.where(name)
        if path.resolve().parent != self.path.resolve():
            message = _("lies outside {folder}; only files of this folder are read", folder=FOLDER)
            raise InputError(Problem(where, message=message))
        if not path.exists():
            hint = did_you_mean(path.name, (file.name for file in inputs_in(self.path, "*.*")))
            raise InputError(Problem(where, message=_("file not found"), hint=hint))
        records = read_records(path, where)
        if not any(map(any, records[:1])):
            raise InputError(Problem(where, message=_("empty file; the first row must hold the column names")))
        # An optional table may be kept with its header only, to be filled in.
        if not any(map(any, records[1:])) and not self.resource(name).optional:
            raise InputError(Problem(where, message=_("no rows below the column names")))
        return records

    def _known(self, name: str, column: str) -> Known:
        header, *rows = self.records(name)
        if column not in header:
            raise InputError(Problem(f"{self.where(name)} row 1", column, message=MISSING))
        values = dict.fromkeys(row[header.index(column)] for row in rows if len(row) == len(header))
        return Known(self.where(name), list(filter(None, values)))

    def judge(self, name: str, records: Sequence[list[str]], where: str) -> Judged:
        """Hold the records of a file, its header first, against the description of a table."""
        schema, (header, *rows) = self.resource(name).table_schema, records
        if problems := list(header_problems(f"{where} row 1", header, {column: [column] for column in schema.columns})):
            return Judged(problems)
        known = {}
        for key in schema.foreignKeys:
            with kept(problems):
                known[key.fields] = self._known(key.reference.resource, key.reference.fields)
        order = [header.index(column) for column in schema.columns]
        whole = [[row[i] for i in order] if len(row) == len(header) else [] for row in rows]
        read, faults = examine(where, schema, known, whole)
        # A row that was split in the wrong places may be any of those that seem to be missing.
        read |= {n: {} for n, row in enumerate(rows, start=2) if any(row) and len(row) != len(header)}
        problems += [*split_problems(where, header, rows), *faults, *disagreements(where, schema, read)]
        return Judged(problems, gaps(schema, read), read)

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd  # takes longer than all else that a run without work does

        rows, fields = self.rows(name), self.resource(name).table_schema.fields
        return pd.DataFrame({field.name: as_series([row[field.name] for row in rows], field) for field in fields})

    @cached_property
    def sound(self) -> bool:
        """Whether all checks passed when the inputs were as they are now."""
        try:
            return read_bytes(self.root / SOUND, SOUND).decode("ascii", "replace") == state(self.root)
        except InputError:
            return False

    def remember_sound(self) -> None:
        """Note that all checks have passed; where that cannot be written they are made again."""
        with suppress(OSError, InputError):
            (self.root / SOUND).parent.mkdir(exist_ok=True)
            write_bytes(self.root / SOUND, SOUND, state(self.root).encode())


def state(root: Path) -> str:
    """Return the sha256 of the inputs of a project and of the code that checks them."""
    found, code = hashlib.sha256(), Path(__file__).parent
    inputs = [path for folder in ("config", FOLDER) for path in (root / folder).rglob("*")]
    for folder, paths in ((root, inputs), (code, code.glob("*.py"))):
        for path in sorted(paths):
            found.update(os.fsencode(path.relative_to(folder)))
            with suppress(OSError):  # a link to nowhere, or a file that an editor has just taken away
                found.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return found.hexdigest()


def read_sources(root: Path | str) -> dict[str, Source]:
    """Return all registered sources by id, in the order of the file; InputError with every fault of it."""
    return {row["source_id"]: Source(**row) for row in Folder(root).rows("sources")}


class Tables(Mapping[str, "pd.DataFrame"]):
    """The tables of a folder by name, those that are read recorded; an optional one only when its file is there."""

    def __init__(self, folder: Folder, reads: Reads):
        self.folder, self._reads = folder, reads

    def __getitem__(self, name: str) -> pd.DataFrame:
        self._reads.tables.add(name)
        return self.folder.table(name)

    def __contains__(self, name: object) -> bool:
        return name in self.folder.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.folder.names)

    def __len__(self) -> int:
        return len(self.folder.names)


def header_problems(where: str, header: list[str], columns: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Yield a problem for each column that is missing, not described, or there twice; columns with their spellings."""
    missing = {column: those for column, those in columns.items() if column not in header}
    for name in dict.fromkeys(header):
        if name not in columns:
            hint = did_you_mean(name, [spelling for those in (missing or columns).values() for spelling in those])
            known = ", ".join("/".join(those) for those in columns.values())
            message = _("not a column of this table; it has {names}", names=known)
            yield Problem(where, name, message=message, hint=hint)
            # What it seems to be is not told as missing.
            missing = {c: those for c, those in missing.items() if not any(f" {word}?" in hint for word in those)}
        elif header.count(name) > 1:
            yield Problem(where, name, message=_("the column stands there twice"))
    for column, those in missing.items():
        names = _("missing column; its name may be {names}", names=", ".join(those))
        yield Problem(where, column, message=names if those[1:] else MISSING)


def split_problems(where: str, header: list[str], rows: Sequence[list[str]], first: int = 2) -> Iterator[Problem]:
    """Yield a problem for each row that has not as many cells as the header."""
    for number, row in enumerate(rows, start=first):
        if any(row) and len(row) != len(header):
            message = _("{found} cells where the header has {wanted}", found=len(row), wanted=len(header))
            yield Problem(f"{where} row {number}", message=message, hint=_("quote cells that hold a comma"))


def as_series(cells: list[str], field: Column) -> pd.Series:
    """Return a column with the type of its field; whole numbers with gaps become nullable integers."""
    import pandas as pd

    if field.type == "date":
        return pd.Series(pd.to_datetime(pd.Series([date.fromisoformat(cell) if cell else None for cell in cells])))
    if field.type == "integer":
        numbers = [int(cell) if cell else None for cell in cells]
        return pd.Series(numbers, dtype="Int64" if None in numbers else "int64")
    if field.type == "number":
        return pd.Series([float(cell) if cell else None for cell in cells], dtype="float64")
    if field.type == "boolean":
        return pd.Series([cell in field.trueValues for cell in cells], dtype="bool")
    return pd.Series(cells, dtype="str")
