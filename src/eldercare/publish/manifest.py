"""Manifest of a run: what went in, which values were used, what came out; also the memory of the next run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class PageRecord:
    """One page of the site.

    Attributes
    ----------
    key : str
        Digest of everything that the executed notebook depends on.
    run_id : str
        Run that executed it.
    overrides : dict
        Changed values that it was made with.
    notebook_sha256 : str
        Executed notebook in outputs/notebooks.
    shell_key : str
        Digest of everything that the page was made from.
    page_sha256 : str
        Page in outputs/site.
    parts : dict
        Digests that the key is made of: notebook, code, parameters and so on.
    reads : str
        Which of the state's records says what the notebook was made from; empty when none does.
    """

    key: str
    run_id: str
    overrides: dict[str, object]
    notebook_sha256: str
    shell_key: str = ""
    page_sha256: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    reads: str = ""


@dataclass(frozen=True)
class TableRecord:
    """The tables of one scenario: what they depend on, the run that made them, and their files."""

    key: str
    run_id: str
    files: dict[str, str]


@dataclass
class State:
    """What the outputs hold: pages by stem, tables by folder, overrides by scenario and area, key of the front page.

    ``reads`` holds what pages were made from, once for all that were made from the same; ``seen`` the digest of every
    single input at the time of the run, to say later which one has changed.
    """

    pages: dict[str, PageRecord] = field(default_factory=dict)
    tables: dict[str, TableRecord] = field(default_factory=dict)
    changed: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)
    front: dict[str, str] = field(default_factory=dict)
    reads: dict[str, dict] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def reads_of(self, stem: str) -> dict | None:
        """Return what a page was made from; None when that is not known."""
        return self.reads.get(self.pages[stem].reads)

    def record(self) -> dict[str, object]:
        """Return the state as plain values."""
        return asdict(self)


def newest(outputs: Path) -> State:
    """Return the state that the newest manifest describes; an empty one when there is none to be read."""
    for file in sorted((outputs / "runs").glob("*.json"), reverse=True):
        try:
            given = json.loads(file.read_text(encoding="utf-8"))["state"]
            return State(
                {stem: PageRecord(**record) for stem, record in given["pages"].items()},
                {name: TableRecord(**record) for name, record in given["tables"].items()},
                given["changed"],
                given["front"],
                given.get("reads", {}),
                given.get("seen", {}),
            )
        except (OSError, ValueError, KeyError, TypeError):
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


def manifest_text(
    run_id: str,
    request: Mapping[str, object],
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    parameters: Mapping[str, Mapping[str, dict]],
    state: State,
    clock: Mapping[str, object],
) -> str:
    """Return the manifest as JSON; everything that differs between equal runs stands in ``clock``.

    Parameters
    ----------
    run_id : str
    request : mapping
        What was asked for.
    inputs : mapping
        File to sha256.
    versions : mapping
        Distribution to version.
    parameters : mapping
        Resolved parameters by scenario and area; areas hold only what differs from the first one.
    state : State
        What the outputs hold after the run.
    clock : mapping
        Start, end and seconds.
    """
    first = {scenario: next(iter(areas.values())) for scenario, areas in parameters.items()}
    seeds = {scenario: settings.get("run.seed", {}).get("value") for scenario, settings in first.items()}
    slim = {
        scenario: {
            area: {
                key: entry
                for key, entry in settings.items()
                if settings is first[scenario] or entry != first[scenario].get(key)
            }
            for area, settings in areas.items()
        }
        for scenario, areas in parameters.items()
    }
    document = {
        "run_id": run_id,
        "request": request,
        "seed": seeds,
        "versions": versions,
        "inputs": inputs,
        "parameters": slim,
        "state": state.record(),
        "clock": clock,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
