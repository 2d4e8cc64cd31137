"""Description of the tables, data/raw/datapackage.json: a closed world, since every check of a table rests on it."""
# frictionless takes any key and any pattern in a description, so these models are held against it first.

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, PlainValidator, StrictBool

from eldercare.inputs.guards import as_json
from eldercare.inputs.models import MAPPING, Context, Fault, Name, Number, Strict, Word, check, one_of
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean, listed
from eldercare.inputs.strict_yaml import Document


def _scalar(value: Any) -> int | float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(_("must be a number or a word"))
    return value


Scalar = Annotated[int | float | str, PlainValidator(_scalar)]
Words = Annotated[list[Word], Field(min_length=1)]


class Constraints(Strict):
    """What a column may hold."""

    required: StrictBool = False
    unique: StrictBool = False
    minimum: Number | None = None
    maximum: Number | None = None
    enum: list[Scalar] | None = None
    pattern: Word | None = None

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield a pattern that is none."""
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            yield Fault(_("not a pattern: {reason}", reason=error), path=("pattern",), value=self.pattern)


class Column(Strict):
    """One column; ``among`` lists areas of the project that it may hold, ``example`` shows its pattern."""

    name: Word
    type: Annotated[str, one_of(("string", "integer", "number", "boolean", "date"))]
    description: Word
    example: str = ""
    unit: str = ""
    constraints: Constraints = Constraints()
    trueValues: Words = ["true"]
    falseValues: Words = ["false"]
    among: list[Scalar] = []


class Target(Strict):
    """The column of another table."""

    resource: Word
    fields: Word


class ForeignKey(Strict):
    """A column whose values must stand in another table."""

    fields: Word
    reference: Target


class Sum(Strict):
    """Rows that add to another row, or to a number."""

    column: Word
    parts: Annotated[dict[str, list[Scalar]], Field(min_length=1, max_length=1)]
    total: Scalar
    per: list[Word]
    where: dict[str, list[Scalar]] = {}
    step: Number = 0


class Schema(Strict):
    """Columns, keys, and what the rows owe one another (the last five are ours); ``positive`` ones are divided by."""

    fields: Annotated[list[Column], Field(min_length=1)]
    primaryKey: Words
    foreignKeys: list[ForeignKey] = []
    usedOncePer: list[Word] = []
    complete: list[dict[str, list[Scalar]]] = []
    sums: list[Sum] = []
    units: dict[str, Word] = {}
    positive: list[Word] = []

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [field.name for field in self.fields]

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield names in keys and rules that are no columns."""
        named = {
            "primaryKey": self.primaryKey,
            "usedOncePer": self.usedOncePer,
            "foreignKeys": [key.fields for key in self.foreignKeys],
            "complete": [name for rule in self.complete for name in rule],
            "sums": [name for rule in self.sums for name in (rule.column, *rule.parts, *rule.per, *rule.where)],
        }
        for key, names in named.items():
            yield from _unknown((key,), names, self.columns)


class Resource(Strict):
    """One table, in a plain file of the folder; ``published`` says where such figures are found for any city."""

    name: Name
    path: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.csv$")]
    profile: Word
    title: Word
    description: Word
    table_schema: Schema = Field(alias="schema")
    optional: StrictBool = Field(alias="eldercare:optional", default=False)
    published: str = Field(alias="eldercare:published", default="")


class Package(Strict):
    """The whole file."""

    profile: Word
    name: Word
    title: Word
    description: Word
    resources: Annotated[list[Resource], Field(min_length=1)]

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield tables of one name, and references to what is not there."""
        tables = {resource.name: resource.table_schema.columns for resource in self.resources}
        if len(tables) < len(self.resources):
            yield Fault(_("two tables have the same name"), path=("resources",))
        for number, resource in enumerate(self.resources):
            path = ("resources", str(number), "foreignKeys")
            for target in (key.reference for key in resource.table_schema.foreignKeys):
                yield from _unknown(path, [target.resource], tables)
                yield from _unknown(path, [target.fields], tables.get(target.resource, [target.fields]))


def _unknown(path: tuple[str, ...], names: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(listed(known), did_you_mean(name, known), path, name)


@lru_cache(maxsize=16)
def description(content: bytes, where: str, areas: tuple[str, ...]) -> Package:
    """Return what datapackage.json describes, from its bytes, checked; InputError with every fault.

    ``areas``, the city and its counties, is what ``{city}``, ``{counties}`` and ``{areas}`` stand for; a list takes the
    members of a list in its place. ``where`` is the file, for messages.
    """
    stands: dict[str, str | tuple[str, ...]] = {"{counties}": areas[1:], "{areas}": areas}
    stands |= {key: city for key, city in zip(["{city}"], areas, strict=False)}

    def filled(content: Any) -> Any:
        if isinstance(content, dict):
            return {key: filled(value) for key, value in content.items()}
        if isinstance(content, list):
            spread = (stands[item] if isinstance(item, str) and item in stands else [filled(item)] for item in content)
            return [part for parts in spread for part in ([parts] if isinstance(parts, str) else parts)]
        return stands.get(content, content) if isinstance(content, str) else content

    data = filled(as_json(content, where))
    if not isinstance(data, dict):
        raise InputError(Problem(where, message=MAPPING))
    try:
        return check(Package, Document(where, data))
    except InputError as error:
        raise InputError(replace(one, key=_with_name(one.key, data)) for one in error.problems) from None


def _with_name(key: str, content: dict[str, Any]) -> str:
    """Return the way to a value with the name of the table in place of its number."""
    number = re.match(r"resources\.([0-9]+)\.", key)
    table = content["resources"][int(number[1])] if number else None
    return f"{table['name']}.{key[number.end() :]}" if number and isinstance(table, dict) and "name" in table else key
