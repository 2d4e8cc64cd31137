"""The dictionary of the published tables: every column with type, unit, digits and meaning in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from eldercare.inputs.problems import LANGUAGES
from eldercare.inputs.strict_yaml import read_own

if TYPE_CHECKING:
    import pandas as pd

# Words by language.
Label = Mapping[str, str]
# Changed values by area.
Changed = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Column:
    """One column of a published table.

    ``unit`` and ``meaning`` are by language, ``decimals`` the digits kept after the point; ``key`` says that it is part
    of the row's key, ``adds`` that county rows add to the city's.
    """

    name: str
    type: str
    unit: Label
    meaning: Label
    decimals: int = 0
    key: bool = False
    adds: bool = False


@dataclass(frozen=True)
class Table:
    """One published table: its title by language, and its columns in order."""

    name: str
    title: Label
    columns: tuple[Column, ...]


def reading_notes(changed: Changed) -> tuple[str, ...]:
    """Return the keys of the sentences that a reader of the tables must know."""
    return ("note_gap", "note_quantiles", "note_allocated", *(["note_changed"] if changed else []))


@cache
def tables(part: str = "tables", years: tuple[int | str, ...] = ("YEAR",)) -> dict[str, Table]:
    """Return every published table by name, or with ``processed`` those of data/processed.

    A column of a year stands once for each of the years given.

    Examples
    --------
    >>> [column.name for column in tables()["crossing"].columns][:4]
    ['scenario', 'area', 'norm', 'basis']
    """
    given = read_own((resources.files("eldercare.publish") / "columns.yaml").read_text(encoding="utf-8"))

    def columns(name: str, entry: dict[str, Any] | str) -> Iterator[Column]:
        about = dict(given["common"][name] if isinstance(entry, str) else entry)
        meaning = {language: about.pop(language) for language in LANGUAGES}
        about["unit"] = given["units"][about.get("unit", "none")]
        if "{year}" in name:
            for year in years:
                said = {language: text.format(year=year) for language, text in meaning.items()}
                yield Column(name.format(year=year), meaning=said, **about)
        elif "statistics" in about:
            adds = about.pop("adds", False)
            for statistic in about.pop("statistics"):
                words = given["statistics"][statistic]
                said = {"en": f"{meaning['en']}: {words['en']}.", "zh": f"{meaning['zh']}：{words['zh']}。"}
                yield Column(f"{name}_{statistic}", meaning=said, adds=adds and statistic == "mean", **about)
        else:
            yield Column(name, meaning=meaning, **about)

    return {
        name: Table(name, table["title"], tuple(c for item in table["columns"].items() for c in columns(*item)))
        for name, table in given[part].items()
    }


def norm_in_force(beds: pd.DataFrame) -> dict[str, float]:
    """Return the norm, beds per 1,000 elders, that the table of beds counts demand by, for each of its areas."""
    rows = beds[beds["bed_type"] == "all"].groupby("area").first()
    return (1000 * rows["demand_ratio"] / rows["elders_60plus"]).round(6).to_dict()
