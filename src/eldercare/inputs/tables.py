"""The tables of data/raw: read strictly against datapackage.json, and described in README.md.

``python -m eldercare.inputs.tables [ROOT]`` checks all tables and rewrites data/raw/README.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eldercare.inputs.agreement import Record, disagreements
from eldercare.inputs.cells import read_cell
from eldercare.inputs.description import OPTIONAL, read_description
from eldercare.inputs.encodings import table_records
from eldercare.inputs.errors import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "data/raw"
DESCRIPTION = "datapackage.json"
REFRESH = "python -W ignore -m eldercare.inputs.tables"


@dataclass(frozen=True)
class Row:
    """One row of a file: its number as a spreadsheet shows it (the header is row 1), and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """A file as read: the header, and every row that is not empty."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


class Folder:
    """data/raw of one project: its description, and its tables read and checked once each."""

    def __init__(self, root: Path | str):
        self.path = Path(root) / FOLDER
        self.content = cache(self._content)
        self.values = cache(self._values)

    @cached_property
    def package(self) -> dict[str, Any]:
        """The parsed datapackage.json."""
        return read_description(self.path / DESCRIPTION, f"{FOLDER}/{DESCRIPTION}")

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The description of each table, by name."""
        return {resource["name"]: resource for resource in self.package["resources"]}

    @property
    def names(self) -> list[str]:
        """The names of the tables, without optional ones whose file is not there."""
        return [
            name
            for name, resource in self.resources.items()
            if not resource.get(OPTIONAL) or (self.path / resource["path"]).exists()
        ]

    def resource(self, name: str) -> dict[str, Any]:
        """Return the description of a table; InputError when there is none of that name."""
        if name not in self.resources:
            raise InputError(
                Problem(
                    FOLDER,
                    "table",
                    name,
                    f"no such table; there are {', '.join(self.resources)}",
                    did_you_mean(name, self.resources),
                )
            )
        return self.resources[name]

    def strays(self) -> list[Path]:
        """Return the CSV files of the folder that datapackage.json does not describe."""
        described = {resource["path"] for resource in self.resources.values()}
        return [path for path in sorted(self.path.glob("*.csv")) if path.name not in described]

    def where(self, name: str, row: int | None = None) -> str:
        """Return the address of a table, or of one row of it, for messages."""
        file = f"{FOLDER}/{self.resource(name)['path']}"
        return file if row is None else f"{file} row {row}"

    def _content(self, name: str) -> Content:
        path = self.path / self.resource(name)["path"]
        where = self.where(name)
        try:
            records = table_records(path.read_bytes(), where)
        except FileNotFoundError as error:
            hint = did_you_mean(path.name, (stray.name for stray in self.strays()))
            raise InputError(Problem(where, message="file not found", hint=hint)) from error
        except OSError as error:
            raise InputError(Problem(where, message=f"cannot be read: {error.strerror}")) from error
        if not any(map(any, records)):
            raise InputError(Problem(where, message="empty file; the first row must hold the column names"))
        rows = (Row(number, cells) for number, cells in enumerate(records[1:], start=2))
        content = Content(records[0], tuple(row for row in rows if any(cell.strip() for cell in row.cells)))
        # An optional table may be kept with its header only, to be filled in.
        if not content.rows and not self.resource(name).get(OPTIONAL):
            raise InputError(Problem(where, message="no rows below the column names"))
        return content

    def keys(self, name: str, column: str) -> dict[str, None]:
        """Return the values of a column that other tables refer to, in order."""
        content = self.content(name)
        if column not in content.header:
            raise InputError(Problem(self.where(name), column, message="missing column"))
        index = content.header.index(column)
        return {row.cells[index]: None for row in content.rows if len(row.cells) > index}

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a frame."""
        import pandas as pd  # takes longer than all else that a run without work does

        fields = {field["name"]: field for field in self.resource(name)["schema"]["fields"]}
        return pd.DataFrame({column: as_series(self.values(name)[column], field) for column, field in fields.items()})

    def _values(self, name: str) -> dict[str, list[Any]]:
        schema = self.resource(name)["schema"]
        content = self.content(name)
        fields = {field["name"]: field for field in schema["fields"]}
        problems = list(check_header(self.where(name), content.header, fields))
        columns = {c: i for i, c in enumerate(content.header) if c in fields}
        values: dict[str, list[Any]] = {column: [] for column in columns}
        references = {}
        for key in schema.get("foreignKeys", []):
            table = key["reference"]["resource"]
            try:
                references[key["fields"]] = table, self.keys(table, key["reference"]["fields"])
            except InputError as error:
                problems += error.problems
        complete = []
        for row in content.rows:
            where = self.where(name, row.number)
            if len(row.cells) != len(content.header):
                message = f"{len(row.cells)} cells where the header has {len(content.header)}"
                problems.append(Problem(where, message=message, hint="quote cells that hold a comma"))
                continue
            complete.append(row)
            for column, index in columns.items():
                value, faults = read_cell(where, row.cells[index], fields[column])
                if column in references and row.cells[index] and not faults:
                    faults = check_reference(where, column, row.cells[index], *references[column])
                values[column].append(None if faults else value)
                problems += faults
        problems += self._check_keys(name, complete, columns, values)
        if set(columns) == set(fields):
            records = (dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True))
            told = [Record(row.number, record) for row, record in zip(complete, records, strict=True)]
            # A row that was split in the wrong places may be any of those that seem to be missing.
            told += [Record(row.number, {}) for row in content.rows if len(row.cells) != len(content.header)]
            problems += disagreements(self.where(name), schema, told)
        if problems:
            raise InputError(problems)
        return values

    def _check_keys(
        self, name: str, rows: list[Row], columns: Mapping[str, int], values: Mapping[str, list[Any]]
    ) -> Iterator[Problem]:
        schema = self.resource(name)["schema"]

        def twins(keys: list[str], kept: Iterable[bool], message: str) -> Iterator[Problem]:
            if not set(keys) <= set(columns):
                return
            first: dict[tuple[str, ...], int] = {}
            for row, counts in zip(rows, kept, strict=True):
                key = tuple(row.cells[columns[k]] for k in keys)
                if counts and first.setdefault(key, row.number) != row.number:
                    yield Problem(
                        self.where(name, row.number), ", ".join(keys), " / ".join(key), message.format(row=first[key])
                    )

        every = [True] * len(rows)
        yield from twins(schema["primaryKey"], every, "the same key as row {row}; each may stand once")
        for field in schema["fields"]:
            if field.get("constraints", {}).get("unique"):
                yield from twins([field["name"]], every, "the same value as row {row}; each may stand once")
        if "usedOncePer" in schema and "used" in columns:
            yield from twins(
                schema["usedOncePer"],
                [v is True for v in values["used"]],
                "row {row} is used for the same quantity; set one of the two to used = false",
            )


def check_header(where: str, header: tuple[str, ...], fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each column that is missing, not described, or there twice."""
    missing = [name for name in fields if name not in header]
    extra = [name for name in header if name not in fields]
    for name in missing:
        yield Problem(f"{where} row 1", name, message="missing column")
    for name in extra:
        message = f"not a column of this table; it has {', '.join(fields)}"
        yield Problem(f"{where} row 1", name, message=message, hint=did_you_mean(name, missing or fields))
    for name in dict.fromkeys(n for n in header if header.count(n) > 1):
        yield Problem(f"{where} row 1", name, message="the column stands there twice")


def check_reference(where: str, column: str, value: str, table: str, allowed: Mapping[str, None]) -> list[Problem]:
    """Return a problem when a value does not stand in the table that it refers to."""
    if value in allowed:
        return []
    # Source ids are upper case, area ids lower case: the nearest spelling is sought in either.
    spelling = {word.lower(): word for word in allowed}
    near = get_close_matches(value.lower(), spelling, n=1)
    hint = f"did you mean {spelling[near[0]]}?" if near else f"add it to {FOLDER}/{table}.csv first"
    return [Problem(where, column, value, f"not in {FOLDER}/{table}.csv", hint)]


def as_series(values: list[Any], field: Mapping[str, Any]) -> pd.Series:
    """Return a column with the type of its field; whole numbers with gaps become nullable integers."""
    import pandas as pd

    if field["type"] == "integer":
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if field["type"] == "date":
        return pd.Series(pd.to_datetime(values))
    return pd.Series(values, dtype={"number": "float64", "boolean": "bool", "string": "str"}[field["type"]])


def table_names(root: Path | str) -> list[str]:
    """Return the names of the tables that datapackage.json describes, in its order; of optional ones those present.

    Parameters
    ----------
    root : Path or str
        Folder of the project, the one that holds data/raw.

    Raises
    ------
    InputError
        When datapackage.json is missing or not readable.
    """
    return Folder(root).names


def read_rows(root: Path | str, name: str) -> list[dict[str, Any]]:
    """Return the rows of one table of data/raw as plain values by column, checked as `read_table` does."""
    values = Folder(root).values(name)
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def read_table(root: Path | str, name: str) -> pd.DataFrame:
    """Return one table of data/raw, checked against its description.

    Parameters
    ----------
    root : Path or str
        Folder of the project, the one that holds data/raw.
    name : str
        Name of the table, such as ``"report_2018"``.

    Returns
    -------
    DataFrame
        One row per row of the file, columns in the order of datapackage.json. Text and codes are
        strings (empty cells ``""``); numbers float (empty cells NaN); years and ages integer; ``used`` bool.

    Raises
    ------
    InputError
        With every fault of the file: missing or extra column, wrong type, value not allowed, out of range,
        missing, key twice, two rows used for one quantity, unknown source or area, row missing, sum that does not
        add, wrong unit.
    """
    return Folder(root).table(name)


def stray_problems(root: Path | str) -> list[Problem]:
    """Return a problem for each CSV file of data/raw that datapackage.json does not describe."""
    folder = Folder(root)
    return [
        Problem(
            f"{FOLDER}/{path.name}",
            message=f"not described in {FOLDER}/{DESCRIPTION}",
            hint=did_you_mean(path.stem, folder.resources),
        )
        for path in folder.strays()
    ]


def read_tables(root: Path | str) -> dict[str, pd.DataFrame]:
    """Return all tables of data/raw by name, as `read_table` does; of optional ones those present.

    Parameters
    ----------
    root : Path or str
        Folder of the project, the one that holds data/raw.

    Raises
    ------
    InputError
        With the faults of all files, and with each CSV file that datapackage.json does not describe.
    """
    folder = Folder(root)
    problems = {str(problem): problem for problem in stray_problems(root)}
    tables = {}
    for name in folder.names:
        try:
            tables[name] = folder.table(name)
        except InputError as error:
            # A broken table that others refer to is reported once, not once for each of them.
            problems |= {str(problem): problem for problem in error.problems}
    if problems:
        raise InputError(problems.values())
    return tables


def describe_raw(root: Path | str) -> str:
    """Return the text of data/raw/README.md, made from datapackage.json.

    Parameters
    ----------
    root : Path or str
        Folder of the project, the one that holds data/raw.
    """
    package = Folder(root).package
    resources = package["resources"]
    lines = [
        f"# {package['title']}",
        "",
        f"<!-- Made from {DESCRIPTION}; change that file, then run: {REFRESH} -->",
        "",
        package["description"],
        "",
        "## Tables",
        "",
        *markdown_table(["table", "holds"], ([f"[{r['path']}](#{r['name']})", r["title"]] for r in resources)),
    ]
    for resource in resources:
        schema = resource["schema"]
        lines += ["", f"## {resource['name']}", "", f"{resource['title']}. {resource['description']}", ""]
        if resource.get(OPTIONAL):
            lines += ["Optional: the file may be missing.", ""]
        lines += [f"One row for each: {', '.join(schema['primaryKey'])}."]
        for rule in schema.get("complete", ()):
            lines += [f"No row may be missing: {' x '.join(f'{key} {spanned(rule[key])}' for key in rule)}."]
        for rule in schema.get("sums", ()):
            ((column, parts),) = rule["parts"].items()
            total = rule["total"] if isinstance(rule["total"], str) else f"{rule['total']:g}"
            lines += [f"Checked sum of `{rule['column']}`: {column} {spanned(parts)} = {total}."]
        if "usedOncePer" in schema:
            lines += [f"At most one used row for each: {', '.join(schema['usedOncePer'])}."]
        lines += [""]
        rows = (
            [f"`{f['name']}`", f["type"], f.get("unit", ""), allowed(f, schema), f["description"]]
            for f in schema["fields"]
        )
        lines += markdown_table(["column", "type", "unit", "allowed", "meaning"], rows)
    return "\n".join(lines) + "\n"


def spanned(values: Any) -> str:
    """Return the values of a rule in words.

    Examples
    --------
    >>> spanned({"from": 1950, "to": 2023}), spanned(["male", "female"]), spanned(range(9))
    ('1950 to 2023', 'male, female', '9 values, 0 to 8')
    """
    if isinstance(values, Mapping):
        return f"{values['from']} to {values['to']}"
    short = len(values) < 7
    return ", ".join(map(str, values)) if short else f"{len(values)} values, {values[0]} to {values[-1]}"


def markdown_table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Return the lines of a Markdown table.

    Examples
    --------
    >>> markdown_table(["a", "b"], [["1", "x|y"]])
    ['| a | b |', '|---|---|', '| 1 | x\\\\|y |']
    """

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    return [line(header), "|" + "---|" * len(header), *map(line, rows)]


def allowed(field: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what a column may hold, in words."""
    limits = field.get("constraints", {})
    parts = ["required" if limits.get("required") else "may be empty"]
    if limits.get("unique"):
        parts.append("each value once")
    if field["type"] == "boolean":
        parts.append("true or false")
    if "enum" in limits:
        parts.append("one of " + ", ".join(f"`{value}`" for value in limits["enum"]))
    if "minimum" in limits:
        parts.append(f"from {limits['minimum']}")
    if "maximum" in limits:
        parts.append(f"to {limits['maximum']}")
    if "pattern" in limits:
        parts.append(f"form `{limits['pattern']}`")
    parts += [
        f"in {k['reference']['resource']}.csv" for k in schema.get("foreignKeys", []) if k["fields"] == field["name"]
    ]
    return "; ".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Check all tables and rewrite data/raw/README.md; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    root = Path(arguments[0] if arguments else ".")
    try:
        read_tables(root)
        text = describe_raw(root)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    path = root / FOLDER / "README.md"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
