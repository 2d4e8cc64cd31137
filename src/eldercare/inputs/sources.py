"""The publications that facts and parameters come from: data/raw/sources.csv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eldercare.inputs.tables import read_rows


@dataclass(frozen=True)
class Source:
    """One publication.

    Attributes
    ----------
    source_id : str
        Short name by which tables and config refer to it.
    title, publisher, date : str
        As published; ``date`` may be a year, a month or empty.
    url : str
        Address; empty where none is recorded.
    note : str
        What it holds and what to beware of.
    quality : str
        official, official_mirror, official_digitised, derived, news, academic, aggregator or wiki.
    """

    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    note: str
    quality: str


def read_sources(root: Path | str) -> dict[str, Source]:
    """Return all registered sources by id, in the order of the file.

    Parameters
    ----------
    root : Path or str
        Folder of the project, the one that holds data/raw.

    Raises
    ------
    InputError
        With every fault of sources.csv.
    """
    return {row["source_id"]: Source(**row) for row in read_rows(root, "sources")}
