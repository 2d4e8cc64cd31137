"""Manifest of a run: what went in, which values were used, what came out; also the memory of the next run."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import product
from operator import attrgetter
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, TypeAdapter
from typing_extensions import TypedDict

from eldercare.inputs import InputError, Project
from eldercare.inputs.guards import is_inside, read_bytes
from eldercare.inputs.problems import _
from eldercare.inputs.reads import Reads
from eldercare.publish.request import PageAddress, TableFolder

# Overrides by area, and a headline by area.
Changed = dict[str, dict[str, object]]
Headline = dict[str, list[int | None]]
# What a stored state may hold: it is checked like any input.


def _inside(name: str) -> str:
    if not is_inside(name):
        raise ValueError("leads out of its folder")
    return name


RunId = Annotated[str, Field(pattern=r"^[0-9]{4,18}-[0-9a-f]{8}$")]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
File = Annotated[str, AfterValidator(_inside)]
Day = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
# As they are written, en/baseline/north/03_beds and baseline-set.
Page = Annotated[PageAddress, BeforeValidator(PageAddress.fields), PlainSerializer(attrgetter("stem"))]
Folder = Annotated[TableFolder, BeforeValidator(TableFolder.fields), PlainSerializer(attrgetter("name"))]
RUN = re.compile(r"([0-9]{4,18})-[0-9a-f]{8}")
# Of the manifest itself, in the manifest: while it is computed, zeros stand in its place.
SEAL = '\n "sha256": "{}"'


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
    made : day on which it was executed
    """

    run_id: RunId
    overrides: dict[str, object]
    parts: dict[str, str]
    reads: str
    notebook_sha256: Digest
    shell_key: Digest = ""
    page_sha256: Digest = ""
    made: Day = ""


@dataclass(frozen=True)
class TableRecord:
    """The tables of a scenario: the run and the day that made them, changed values by area, parts, and their files.

    ``headline`` is what they say of each area in short, see :func:`eldercare.publish.tables.headline`.
    """

    run_id: RunId
    overrides: Changed
    parts: dict[str, str]
    files: dict[File, Digest]
    made: Day = ""
    headline: Headline = field(default_factory=dict)


class _Record(TypedDict):
    parameters: list[tuple[str, list[str], list[str]]]
    tables: list[str]
    files: list[File]


_is_record = BeforeValidator(TypeAdapter(_Record).validate_python)
Recorded = Annotated[Reads, BeforeValidator(Reads.of), _is_record, PlainSerializer(Reads.record)]


@dataclass
class State:
    """What the outputs hold.

    Attributes
    ----------
    front : digest of what the front page was made from
    site : digests of the other files of the site, which are neither pages nor tables, by their path in it
    reads : records of what pages read, each once for all that read the same
    seen : digest of every single input at the time of the run, to say later which one has changed
    """

    pages: dict[Page, PageRecord] = field(default_factory=dict)
    tables: dict[Folder, TableRecord] = field(default_factory=dict)
    front: str = ""
    site: dict[File, Digest] = field(default_factory=dict)
    reads: dict[str, Recorded] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := {page.reads for page in self.pages.values()} - self.reads.keys():
            raise ValueError(f"no record of {unknown}")

    def reads_of(self, address: PageAddress) -> Reads:
        """Return what a page read."""
        return self.reads[self.pages[address].reads]

    def files(self) -> dict[str, str]:
        """Return the digests of all that is published, by its path below outputs."""
        tables = {name: value for record in self.tables.values() for name, value in record.files.items()}
        return {
            **{f"site/{name}": value for name, value in self.site.items()},
            **{f"{place}/{name}": value for place in ("tables", "site/data") for name, value in tables.items()},
            **{address.files[0]: page.page_sha256 for address, page in self.pages.items()},
            **{address.files[1]: page.notebook_sha256 for address, page in self.pages.items()},
        }

    def changed(self, scenario: str) -> Changed:
        """Return the changed values of a scenario's pages by area; the latest run's where runs differ."""
        changed: Changed = {}
        for address, page in sorted(self.pages.items(), key=lambda item: (item[1].run_id, item[0])):
            if address.scenario == scenario and page.overrides:
                changed.setdefault(address.area, {}).update(page.overrides)
        return changed

    def headlines(self) -> dict[str, Headline]:
        """Return the headlines by scenario."""
        return {folder.scenario: record.headline for folder, record in self.tables.items() if record.headline}


# Between a state and its plain values; ValidationError if these have another form or name what no run makes.
STORED = TypeAdapter(State)


def manifests(outputs: Path) -> list[Path]:
    """Return the manifests of an outputs folder, the newest first; no other file that may stand beside them."""
    found = ((RUN.fullmatch(file.stem), file) for file in (outputs / "runs").glob("*.json"))
    return [file for _number, file in sorted(((int(run[1]), file) for run, file in found if run), reverse=True)]


def newest(outputs: Path) -> State:
    """Return the state that the newest manifest describes; an empty one when there is none to be read."""
    for file in manifests(outputs):
        with suppress(InputError, ValueError, KeyError, TypeError, RecursionError):  # of another version, or damaged
            content = read_bytes(file, file.name)
            if is_sealed(content):
                return STORED.validate_python(json.loads(content)["state"])
    return State()


def next_run_id(outputs: Path, content: str) -> str:
    """Return the name of a run: a number that counts up, and the beginning of a digest of what it makes.

    Examples
    --------
    >>> next_run_id(Path("/nowhere"), "c0ffee00dd")
    '0001-c0ffee00'
    """
    last = next((int(file.stem.split("-")[0]) for file in manifests(outputs)), 0)
    return f"{last + 1:04d}-{content[:8]}"


def is_sealed(manifest: bytes) -> bool:
    """Say whether a manifest is as the run wrote it.

    Examples
    --------
    >>> text = manifest_text("0001-c0ffee00", {}, State())
    >>> is_sealed(text.encode()), is_sealed(text.replace("0001", "0002").encode())
    (True, False)
    """
    text = manifest.decode("utf-8", "replace")
    found = re.search(SEAL.format("([0-9a-f]{64})"), text)
    return found is not None and _seal(text.replace(found[0], SEAL.format("0" * 64))) == found[1]


def _seal(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def manifest_text(run_id: str, parameters: Mapping[str, Mapping[str, dict]], state: State, **about: object) -> str:
    """Return the manifest as JSON; everything that differs between equal runs stands in ``clock``.

    ``parameters`` are those resolved by scenario and area, of which all but the first one keep only what differs from
    it; ``about`` are ``request``, ``inputs`` (file to sha256), ``versions`` (distribution to version) and ``clock``.
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
        "sha256": "0" * 64,
        **about,
        "seed": {name: next(iter(areas.values()))["run.seed"]["value"] for name, areas in parameters.items()},
        "parameters": slim,
        "state": STORED.dump_python(state),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    return text.replace(SEAL.format("0" * 64), SEAL.format(_seal(text)))


def news(project: Project, before: Mapping[str, Headline], after: Mapping[str, Headline], language: str) -> list[str]:
    """Return a line for each area and scenario whose headline has changed; headlines are by scenario."""
    lines = []
    for scenario, area in product(before.keys() & after.keys(), project.areas):
        old, new = before[scenario].get(area), after[scenario].get(area)
        if old and new and old != new and scenario in project.scenarios:
            message = _(
                "{area}, {scenario}: beds missing in {year} {gap:,} (before: {gap_before:,}), "
                "first below the norm {crossed} (before: {crossed_before})",
                **dict(area=project.label(area, language), scenario=project.scenarios[scenario].label[language]),
                **dict(year=new[0], gap=new[1], gap_before=old[1]),
                **{name: one[2] or _("never") for name, one in (("crossed", new), ("crossed_before", old))},
            )
            lines.append(message.told(language))
    return lines
