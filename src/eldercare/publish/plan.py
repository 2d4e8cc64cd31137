"""Plan: what of a request has to be made, and what of the outputs is still right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from eldercare.inputs import Project
from eldercare.inputs.reads import Reads
from eldercare.publish.keys import Keys, address_in_words, digest, file_digest, tree_digests, versions
from eldercare.publish.manifest import PageRecord, State, TableRecord
from eldercare.publish.pages import Labels, Shell
from eldercare.publish.request import (
    LANGUAGES,
    Request,
    Unit,
    areas_of,
    notebooks_of,
    plan_units,
    typed_overrides,
)
from eldercare.publish.topics import topics_of
from eldercare.report.text import names

# Changed parameters that are named for one page; of more only the number is said.
SHOWN = 3
Changed = dict[str, dict[str, dict[str, object]]]


@dataclass
class Plan:
    """What a run has to do.

    Attributes
    ----------
    execute : list of Unit
        Notebooks to run.
    kept : dict
        Pages that stay, by stem.
    removed : list of str
        Pages and tables of scenarios, areas and notebooks that are no more, and changed tables that are no more.
    tables : dict
        Folder of tables to make, to the key of what they depend on.
    kept_tables : dict
        Tables that stay, by folder.
    changed : dict
        Overrides by scenario and area, for the areas with pages made with changed values.
    remarks : list of str
        What the user should know.
    why : dict
        Reason for the execution of each notebook, by stem.
    """

    execute: list[Unit]
    kept: dict[str, PageRecord]
    removed: list[str]
    tables: dict[str, str]
    kept_tables: dict[str, TableRecord]
    changed: Changed
    remarks: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)

    @property
    def stems(self) -> frozenset[str]:
        """Stems of all pages that the site will have."""
        return frozenset([*self.kept, *(unit.stem for unit in self.execute)])


def labels_of(project: Project) -> Labels:
    """Return the names of areas, scenarios and topics in both languages."""
    return Labels(
        {area: {language: project.label(area, language) for language in LANGUAGES} for area in areas_of(project)},
        {name: scenario.label for name, scenario in project.scenarios.items()},
        topics_of(notebooks_of(project)),
        {language: names(project, language) for language in LANGUAGES},
    )


def unit_of(stem: str, overrides: Mapping[str, object]) -> Unit:
    """Return the unit of a page that stands in the site.

    Examples
    --------
    >>> unit_of("en/baseline/deqing/03_beds", {}).area
    'deqing'
    """
    return Unit(*stem.split("/"), tuple(sorted(overrides.items())))


def make_plan(project: Project, request: Request, outputs: Path, keys: Keys, before: State) -> Plan:
    """Compare what is asked for with what the outputs hold."""
    units = plan_units(project, request)
    known = {
        f"{language}/{scenario}/{area}/{notebook}"
        for language in LANGUAGES
        for scenario in project.scenarios
        for area in areas_of(project)
        for notebook in notebooks_of(project)
    }
    sound = {
        stem: record
        for stem, record in before.pages.items()
        if stem in known and _is(outputs / "notebooks" / f"{stem}.ipynb", record.notebook_sha256)
    }
    why = {unit.stem: reason(unit, request, keys, before, unit.stem in sound) for unit in units}
    to_run = [unit for unit in units if why[unit.stem]]
    why = {stem: text for stem, text in why.items() if text}
    running = set(why)
    kept = {stem: record for stem, record in sound.items() if stem not in running}
    changed = _changed(project, request, units, to_run, kept, before.changed)
    wanted = {
        scenario: _table_key(keys, scenario, {})
        for scenario in project.scenarios
        if scenario in (request.scenarios or (scenario,)) or _intact(outputs, before.tables.get(scenario))
    }
    wanted |= {f"{scenario}+set": _table_key(keys, scenario, areas) for scenario, areas in changed.items()}
    asked = {unit.scenario for unit in units}
    tables = {}
    kept_tables = {}
    for folder, key in wanted.items():
        record = before.tables.get(folder)
        fresh = record is not None and _intact(outputs, record) and record.key == key
        if record is not None and _intact(outputs, record) and (fresh or folder.split("+")[0] not in asked):
            kept_tables[folder] = record
        else:
            tables[folder] = key
        if request.force and folder.split("+")[0] in asked:
            kept_tables.pop(folder, None)
            tables[folder] = key
    removed = [
        *(
            path
            for stem in before.pages
            if stem not in kept and stem not in running
            for path in (f"site/{stem}.html", f"notebooks/{stem}.ipynb")
        ),
        *(
            path
            for folder in before.tables
            if folder not in wanted
            for path in (f"tables/{folder}", f"tables/{folder}.xlsx", f"site/data/{folder}", f"site/data/{folder}.xlsx")
        ),
    ]
    return Plan(to_run, kept, removed, tables, kept_tables, changed, _remarks(request, units, to_run), why)


WORDS = {
    "unit": "other changed values",
    "notebook": "notebook changed",
    "names": "names of areas, scenarios or counties changed",
    "code": "code changed",
    "versions": "versions of libraries changed",
    "sources": "list of sources or description of the tables changed",
}


def reason(unit: Unit, request: Request, keys: Keys, before: State, sound: bool) -> str:
    """Return why a notebook has to be executed; empty when its page is still right."""
    if unit.stem not in before.pages:
        return "new"
    if not sound:
        return "the executed notebook is missing or was changed by hand"
    record, reads = before.pages[unit.stem], before.reads_of(unit.stem)
    parts = keys.parts(unit, reads)
    changed = [kind for kind, value in parts.items() if record.parts.get(kind) != value]
    if not changed:
        return "forced" if request.force else ""
    words = [WORDS[kind] for kind in changed if kind in WORDS]
    known = Reads.of(reads) if reads else keys.all_reads(unit)
    if "parameters" in changed:
        words += _differing(before, keys, [address_in_words(*address) for address in sorted(known.parameters)])
    if "tables" in changed:
        words += _differing(before, keys, [f"data table {name}" for name in sorted(known.tables)])
    return ", ".join(words) or "a parameter or table changed"


def _differing(before: State, keys: Keys, names: Iterable[str]) -> list[str]:
    now = keys.seen()
    found = [f"{name} changed" for name in names if before.seen.get(name) != now.get(name)]
    return found if len(found) <= SHOWN else [*found[:SHOWN], f"and {len(found) - SHOWN} more"]


def _changed(
    project: Project,
    request: Request,
    units: list[Unit],
    to_run: list[Unit],
    kept: Mapping[str, PageRecord],
    before: Changed,
) -> Changed:
    """Return the overrides of every area that will have a page with changed values."""
    pages = {(unit.scenario, unit.area) for unit in to_run if unit.overrides}
    pages |= {tuple(stem.split("/")[1:3]) for stem, record in kept.items() if record.overrides}
    asked = {(unit.scenario, unit.area) for unit in units if unit.overrides}
    changed: Changed = {}
    for scenario in project.scenarios:
        for area in areas_of(project):
            if (scenario, area) not in pages:
                continue
            now = (scenario, area) in asked
            values = typed_overrides(project, request, scenario, area) if now else before[scenario][area]
            changed.setdefault(scenario, {})[area] = values
    return changed


def _remarks(request: Request, units: list[Unit], to_run: list[Unit]) -> list[str]:
    if not request.overrides:
        return []
    reading = sorted({unit.notebook for unit in units if unit.overrides})
    others = sorted({unit.notebook for unit in units} - set(reading))
    keys = ", ".join(request.overrides)
    remarks = []
    if not reading:
        remarks.append(f"no page asked for reads {keys}; nothing is changed by it")
    elif others:
        made = {unit.notebook for unit in to_run}
        remarks.append(
            f"{keys}: read by {', '.join(reading)}; "
            + "; ".join(f"{name} {'is made without it' if name in made else 'stays as it is'}" for name in others)
        )
    return remarks


def _table_key(keys: Keys, scenario: str, changed: Mapping[str, Mapping[str, object]]) -> str:
    return digest({"scenario": keys.scenario(scenario), "tables": publish_digests()["tables"], "changed": changed})


@cache
def publish_digests() -> dict[str, dict[str, str]]:
    """Return the sha256 of the files that make tables, and of those that make pages."""
    package = Path(str(resources.files("eldercare")))
    own = tree_digests(package / "publish")
    texts = tree_digests(package / "report" / "text")
    made = ("columns.yaml", "dictionary.py", "tables.py", "workbook.py")
    return {
        "tables": {name: own[name] for name in made} | texts,
        "pages": {
            name: value
            for name, value in own.items()
            if name.startswith(("templates/", "assets/"))
            or name in ("pages.py", "documents.py", "topics.py", "front.py", "dictionary.py")
        }
        | texts,
    }


def shell_key(shell: Shell, notebook_sha256: str) -> str:
    """Return what a page depends on beyond its notebook's execution."""
    return digest(
        {
            "shell": asdict(shell),
            "notebook": notebook_sha256,
            "made": publish_digests()["pages"],
            "nbconvert": versions().get("nbconvert"),
        }
    )


def is_current(outputs: Path, stem: str, record: PageRecord, key: str) -> bool:
    """Say whether the page that stands in the site is the one that would be made."""
    return record.shell_key == key and _is(outputs / "site" / f"{stem}.html", record.page_sha256)


def _intact(outputs: Path, record: TableRecord | None) -> bool:
    return record is not None and all(_is(outputs / "tables" / name, value) for name, value in record.files.items())


def _is(file: Path, sha256: str) -> bool:
    return file.is_file() and file_digest(file) == sha256
