"""The dictionary of the published tables: every column with type, unit, digits and meaning in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from eldercare.inputs.strict_yaml import read_own


@dataclass(frozen=True)
class Column:
    """One column of a published table.

    Attributes
    ----------
    name : str
    type : {"string", "integer", "number", "boolean"}
    unit : dict
        Unit by language.
    meaning : dict
        Description by language.
    decimals : int
        Digits kept after the point.
    key : bool
        Whether it is part of the row's key.
    adds : bool
        Whether county rows add to the city's.
    """

    name: str
    type: str
    unit: Mapping[str, str]
    meaning: Mapping[str, str]
    decimals: int = 0
    key: bool = False
    adds: bool = False


@dataclass(frozen=True)
class Table:
    """One published table: its title by language, and its columns in order."""

    name: str
    title: Mapping[str, str]
    columns: tuple[Column, ...]


def reading_notes(changed: object = None) -> tuple[str, ...]:
    """Return the keys of the sentences that a reader of the tables must know."""
    return ("note_gap", "note_quantiles", "note_allocated", *(("note_changed",) if changed else ()))


@cache
def tables() -> dict[str, Table]:
    """Return every published table by name.

    Examples
    --------
    >>> [column.name for column in tables()["crossing"].columns][:4]
    ['scenario', 'area', 'norm', 'crossing_year_p50']
    """
    text = (resources.files("eldercare.publish") / "columns.yaml").read_text(encoding="utf-8")
    given = read_own(text)

    def column(name: str, entry: dict | str) -> Column:
        about = dict(given["common"][name] if entry == "common" else entry)
        meaning = {"en": about.pop("en"), "zh": about.pop("zh")}
        return Column(name, about.pop("type"), given["units"][about.pop("unit", "none")], meaning, **about)

    return {
        name: Table(name, table["title"], tuple(column(*item) for item in table["columns"].items()))
        for name, table in given["tables"].items()
    }
