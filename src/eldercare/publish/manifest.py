"""Manifest of a run: what went in, which values were used, what came out; also the memory of the next run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from eldercare.inputs.reads import Reads
from eldercare.publish.request import PageAddress, TableFolder

A = TypeVar("A", PageAddress, TableFolder)
R = TypeVar("R", "PageRecord", "TableRecord")
# Overrides by area.
Changed = dict[str, dict[str, object]]


@dataclass(frozen=True)
class PageRecord:
    """One page of the site.

    Attributes
    ----------
    run_id : run that executed it
    overrides : changed values that it read
    parts : digests of what it was made from, by kind
    reads : which of the state's records says what it read
    notebook_sha256 : executed notebook in outputs/notebooks
    shell_key, page_sha256 : digest of everything that the page was made from, and the page in outputs/site
    """

    run_id: str
    overrides: dict[str, object]
    parts: dict[str, str]
    reads: str
    notebook_sha256: str
    shell_key: str = ""
    page_sha256: str = ""


@dataclass(frozen=True)
class TableRecord:
    """The tables of a scenario: the run that made them, changed values by area, parts as of a page, and their files."""

    run_id: str
    overrides: Changed
    parts: dict[str, str]
    files: dict[str, str]


@dataclass
class State:
    """What the outputs hold.

    Attributes
    ----------
    pages, tables : dict
    front : digest of what the front page was made from
    reads : records of what pages read, each once for all that read the same
    seen : digest of every single input at the time of the run, to say later which one has changed
    """

    pages: dict[PageAddress, PageRecord] = field(default_factory=dict)
    tables: dict[TableFolder, TableRecord] = field(default_factory=dict)
    front: str = ""
    reads: dict[str, Reads] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def reads_of(self, address: PageAddress) -> Reads:
        """Return what a page read."""
        return self.reads[self.pages[address].reads]

    def changed(self, scenario: str) -> Changed:
        """Return the changed values of a scenario's pages by area; the latest run's where runs differ."""
        changed: Changed = {}
        for address, page in sorted(self.pages.items(), key=lambda item: (item[1].run_id, item[0])):
            if address.scenario == scenario and page.overrides:
                changed.setdefault(address.area, {}).update(page.overrides)
        return changed

    def as_plain(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "pages": [asdict(address) | asdict(record) for address, record in self.pages.items()],
            "tables": [asdict(folder) | asdict(record) for folder, record in self.tables.items()],
            "front": self.front,
            "reads": {name: reads.record() for name, reads in self.reads.items()},
            "seen": self.seen,
        }

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> State:
        """Return the state of plain values; TypeError, KeyError or ValueError if they are of another form."""
        state = cls(
            dict(_entry(entry, PageAddress, PageRecord) for entry in given["pages"]),
            dict(_entry(entry, TableFolder, TableRecord) for entry in given["tables"]),
            given["front"],
            {name: Reads.of(record) for name, record in given["reads"].items()},
            given["seen"],
        )
        for address in state.pages:
            state.reads_of(address)
        return state


def _entry(entry: Mapping[str, Any], address: type[A], record: type[R]) -> tuple[A, R]:
    names = [field.name for field in fields(address)]
    return (
        address(**{name: entry[name] for name in names}),
        record(**{name: value for name, value in entry.items() if name not in names}),
    )


def newest(outputs: Path) -> State:
    """Return the state that the newest manifest describes; an empty one when there is none to be read."""
    for file in sorted((outputs / "runs").glob("*.json"), reverse=True):
        try:
            return State.of(json.loads(file.read_text(encoding="utf-8"))["state"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # of another version, or damaged: everything is made anew
    return State()


def next_run_id(outputs: Path, content: str) -> str:
    """Return the name of a run: a number that counts up, and the beginning of a digest of what it makes.

    Examples
    --------
    >>> next_run_id(Path("/nowhere"), "c0ffee00dd")
    '0001-c0ffee00'
    """
    numbers = [file.stem.split("-")[0] for file in (outputs / "runs").glob("*.json")]
    last = max((int(number) for number in numbers if number.isdigit()), default=0)
    return f"{last + 1:04d}-{content[:8]}"


def manifest_text(run_id: str, parameters: Mapping[str, Mapping[str, dict]], state: State, **about: object) -> str:
    """Return the manifest as JSON; everything that differs between equal runs stands in ``clock``.

    Parameters
    ----------
    run_id : str
    parameters : resolved parameters by scenario and area; areas hold only what differs from the first one
    state : what the outputs hold after the run
    **about
        ``request``, ``inputs`` (file to sha256), ``versions`` (distribution to version), ``clock``.
    """
    slim: dict[str, dict[str, dict]] = {}
    for scenario, areas in parameters.items():
        first = next(iter(areas.values()))
        slim[scenario] = {
            area: {key: entry for key, entry in settings.items() if settings is first or entry != first.get(key)}
            for area, settings in areas.items()
        }
    document = {
        "run_id": run_id,
        **about,
        "seed": {name: next(iter(areas.values()))["run.seed"]["value"] for name, areas in parameters.items()},
        "parameters": slim,
        "state": state.as_plain(),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
