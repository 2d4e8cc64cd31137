"""The description of the tables, data/raw/datapackage.json: read strictly, since every check of a table rests on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.models import Number, Strict, Value, Word, check, one_of
from eldercare.inputs.strict_yaml import MAX_BYTES, Document

# Property of a resource that may be missing.
OPTIONAL = "eldercare:optional"
Values = list[Value]


class Constraints(Strict):
    """What a column may hold."""

    required: bool = False
    unique: bool = False
    minimum: Number | None = None
    maximum: Number | None = None
    enum: Values | None = None
    pattern: Word | None = None


class FieldEntry(Strict):
    """One column."""

    name: Word
    type: Annotated[str, one_of(("string", "integer", "number", "boolean", "date"))]
    description: Word
    unit: Word | None = None
    constraints: Constraints = Constraints()
    trueValues: list[Word] | None = None
    falseValues: list[Word] | None = None


class Reference(Strict):
    """The column of another table."""

    resource: Word
    fields: Word


class ForeignKey(Strict):
    """A column whose values must stand in another table."""

    fields: Word
    reference: Reference


class Span(Strict):
    """Whole numbers from the first to the last."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    first: int = Field(alias="from")
    last: int = Field(alias="to")


class Sum(Strict):
    """Rows that add to another row, or to a number."""

    column: Word
    parts: Annotated[dict[str, Values], Field(min_length=1, max_length=1)]
    total: Value
    per: list[Word]
    where: dict[str, Values] = {}
    step: Number = 0


class Schema(Strict):
    """Columns, keys, and what the rows owe one another."""

    fields: Annotated[list[FieldEntry], Field(min_length=1)]
    primaryKey: Annotated[list[Word], Field(min_length=1)]
    foreignKeys: list[ForeignKey] = []
    usedOncePer: list[Word] | None = None
    complete: list[dict[str, Span | Values]] = []
    sums: list[Sum] = []
    units: dict[str, Word] = {}
    missingValues: list[str] = [""]


class Resource(Strict):
    """One table."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    # A plain file name: a table cannot come from another folder.
    path: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.csv$")]
    profile: Word
    title: Word
    description: Word
    format: Annotated[str, one_of(("csv",))]
    mediatype: Word
    encoding: Word
    table_schema: Schema = Field(alias="schema")
    optional: bool = Field(alias=OPTIONAL, default=False)


class Package(Strict):
    """The whole file."""

    profile: Word
    name: Word
    title: Word
    description: Word
    resources: Annotated[list[Resource], Field(min_length=1)]


def read_description(path: Path, where: str) -> dict[str, Any]:
    """Return datapackage.json as plain values, checked.

    Raises
    ------
    InputError
        With every fault: not readable, a key that is unknown or missing, a rule about a column that is not there.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(Problem(where, message=f"larger than {MAX_BYTES:,} bytes"))
        package = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(Problem(where, message="file not found; it describes every table")) from error
    except RecursionError as error:
        raise InputError(Problem(where, message="nested too deeply")) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(where, message=f"not readable as JSON in UTF-8: {error}")) from error
    except OSError as error:
        raise InputError(Problem(where, message=f"cannot be read: {error.strerror}")) from error
    if not isinstance(package, dict):
        raise InputError(Problem(where, message="must be a mapping of keys to values"))
    problems = [replace(one, key=_by_name(one.key, package)) for one in check(Package, Document(where, package))[1]]
    if not problems:
        problems = list(_loose_ends(package, where))
    if problems:
        raise InputError(problems)
    return package


def _by_name(key: str, package: dict[str, Any]) -> str:
    """Return the way to a value with the name of the table in place of its number."""
    if not (found := re.match(r"resources\.([0-9]+)\.", key)):
        return key
    table = package["resources"][int(found[1])]
    return f"{table.get('name', found[1])}.{key[found.end() :]}" if isinstance(table, dict) else key


def _loose_ends(package: dict[str, Any], where: str) -> Iterator[Problem]:
    """Yield names that stand for nothing, names that stand twice, and patterns that are none."""
    columns = {one["name"]: [field["name"] for field in one["schema"]["fields"]] for one in package["resources"]}
    if len(columns) < len(package["resources"]):
        yield Problem(where, "name", message="two tables have the same name")
    for resource in package["resources"]:
        schema, table = resource["schema"], resource["name"]
        named = [("primaryKey", name) for name in schema["primaryKey"]]
        named += [("usedOncePer", name) for name in schema.get("usedOncePer", ())]
        named += [("foreignKeys", key["fields"]) for key in schema.get("foreignKeys", ())]
        named += [("complete", name) for rule in schema.get("complete", ()) for name in rule]
        for rule in schema.get("sums", ()):
            named += [("sums", name) for name in (rule["column"], *rule["parts"], *rule["per"], *rule.get("where", ()))]
        for key, name in named:
            if name not in columns[table]:
                message = f"not a column of this table; it has {', '.join(columns[table])}"
                yield Problem(where, f"{table}.{key}", name, message, did_you_mean(name, columns[table]))
        for key in schema.get("foreignKeys", ()):
            other, column = key["reference"]["resource"], key["reference"]["fields"]
            if other not in columns:
                message = f"no such table; there are {', '.join(columns)}"
                yield Problem(where, f"{table}.foreignKeys", other, message, did_you_mean(other, columns))
            elif column not in columns[other]:
                message = f"not a column of this table; it has {', '.join(columns[other])}"
                yield Problem(where, f"{table}.foreignKeys", column, message, did_you_mean(column, columns[other]))
        for field in schema["fields"]:
            try:
                re.compile(field.get("constraints", {}).get("pattern", ""))
            except re.error as error:
                yield Problem(where, f"{table}.{field['name']}", message=f"not a pattern: {error}")
            if field["type"] == "boolean" and not (field.get("trueValues") and field.get("falseValues")):
                yield Problem(where, f"{table}.{field['name']}", message="a boolean needs trueValues and falseValues")
