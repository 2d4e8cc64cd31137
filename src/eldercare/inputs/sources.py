"""The publications that facts and parameters come from: data/raw/sources.csv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eldercare.inputs.tables import Folder


@dataclass(frozen=True)
class Source:
    """One publication.

    Attributes
    ----------
    source_id : str
        Short name by which tables and config refer to it.
    title, publisher, date, url, note : str
        As published; ``date`` may be a year or a month; any but title and publisher may be empty.
    quality : str
        Its grade, as datapackage.json lists them: official, derived, news, ...
    """

    source_id: str
    title: str
    publisher: str
    date: str
    url: str
    note: str
    quality: str


def read_sources(root: Path | str) -> dict[str, Source]:
    """Return all registered sources by id, in the order of the file; InputError with every fault of it."""
    return {row["source_id"]: Source(**row) for row in Folder(root).rows("sources")}
