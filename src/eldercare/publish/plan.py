"""Plan: what of a request has to be made, and what of the outputs is still right."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

from eldercare.inputs import Project
from eldercare.inputs.joint import doubts
from eldercare.inputs.problems import message_language
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import BASELINE
from eldercare.publish.dictionary import tables
from eldercare.publish.keys import READ, Keys, Parts, code_digest, is_file
from eldercare.publish.manifest import Changed, State, TableRecord
from eldercare.publish.request import LANGUAGES, PageAddress, Request, TableFolder, addresses, content_of, notebooks_of
from eldercare.publish.topics import is_stray

# Changed inputs that are named for one page; of more only the number is said.
SHOWN = 3
# Kinds of parts that say of which code tables are.
CODE_PARTS = ("code", "made")
Overrides = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """The changed values that are asked for one area of a scenario, typed, by parameter.

    ``reached`` are areas and keys of the settings in which they stand: the counties' too where the city is asked for.
    """

    values: Overrides = field(default_factory=dict)
    reached: frozenset[tuple[str, str]] = frozenset()

    def read(self, reads: Reads | None) -> Overrides:
        """Return those values that something reads; all of them where it is not known what it reads."""
        if reads is None:
            return dict(self.values)
        keys = {key for _, area, key in reads.parameters if (area, key) in self.reached}
        return {key: value for key, value in self.values.items() if key in keys}


@dataclass
class Plan:
    """What a run has to do.

    Attributes
    ----------
    asked : changed values asked for, by scenario and area
    kept : pages and tables that stay
    execute : notebooks to run, with the changed values that they are expected to read
    why : reason for the execution of each
    waits : by page of the baseline that is executed, those of scenarios that may turn out to repeat it
    tables : tables to make, with changed values by area; those with some come when it is known which pages have them
    remarks : what the user should know
    again : whether all is made once more as it was, with number, day and values of its record
    """

    asked: dict[tuple[str, str], Asked]
    kept: State = field(default_factory=State)
    execute: dict[PageAddress, Overrides] = field(default_factory=dict)
    why: dict[PageAddress, str] = field(default_factory=dict)
    waits: dict[PageAddress, list[PageAddress]] = field(default_factory=dict)
    tables: dict[TableFolder, Changed] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    again: bool = False


def page_parts(keys: Keys, address: PageAddress, overrides: Overrides, reads: Reads) -> Parts:
    """Return the digests of what an executed notebook was made from, by kind."""
    notebook = keys.file(f"notebooks/{address.notebook}.ipynb")
    return keys.parts(address.scenario, reads, notebook=notebook, overrides=sorted(overrides.items()))


def table_parts(keys: Keys, folder: TableFolder, overrides: Changed) -> Parts:
    """Return the digests of what tables are made from; they hold every parameter of their scenario."""
    reads = keys.everything(folder.scenario)
    return keys.parts(folder.scenario, reads, made=code_digest("tables"), overrides=overrides)


def make_plan(
    project: Project, request: Request, outputs: Path, keys: Keys, before: State, damaged: Sequence[str]
) -> Plan:
    """Compare what is asked for with what the outputs hold, of which some files are ``damaged``."""
    pages = addresses(project, request)
    plan = Plan(_asked(project, request, pages))
    known = {*addresses(project, Request())}
    plan.kept.reads = dict(before.reads)
    plan.kept.pages = {
        address: page
        for address, page in before.pages.items()
        if address in known and is_file(outputs / address.files[1], page.notebook_sha256)
    }
    for address in pages:
        # What a page read the last time, or another language's, or the baseline's.
        versions = product((address.scenario, BASELINE), (address.language, *LANGUAGES))
        others = (replace(address, scenario=scenario, language=language) for scenario, language in versions)
        reads = next((before.reads_of(page) for page in others if page in before.pages), None)
        overrides = plan.asked[address.scenario, address.area].read(reads)
        twin = replace(address, scenario=BASELINE)
        kept = plan.kept.pages[twin].overrides if twin in plan.kept.pages else None
        if twin in plan.execute:
            plan.waits.setdefault(twin, []).append(address)
        if repeated(address, before, keys) and plan.execute.get(twin, kept) == overrides:
            if twin not in plan.execute:
                plan.kept.pages.pop(address, None)
            continue
        why = "forced" if request.force else ""
        if address not in before.pages:
            why = "new"
        elif address not in plan.kept.pages:
            why = "the executed notebook is missing or was changed by hand"
        elif changes := _changes(address, overrides, keys, before):
            why = ", ".join(changes)
        if why:
            plan.execute[address], plan.why[address] = overrides, why
    # What was published stays so, also where the record of it is lost.
    for address in sorted(known - before.pages.keys() - {*pages}):
        if (outputs / address.files[0]).is_file():
            plan.execute[address], plan.why[address] = {}, "published without a record"
            plan.asked.setdefault((address.scenario, address.area), Asked())
    plan.kept.pages = {address: page for address, page in plan.kept.pages.items() if address not in plan.execute}
    drop_repeats(plan.kept, keys)
    scenarios = {address.scenario for address in plan.execute}
    plan.tables, plan.kept.tables = tables_of(project, request, outputs, keys, before, plan.kept, scenarios)
    plan.tables = {one: own for one, own in plan.tables.items() if not (one.is_changed and plan.execute)}
    doubtful = doubts(project, request.scenarios or project.scenarios)
    plan.remarks = [*_accidents(project, pages), *(doubt.told(message_language()) for doubt in doubtful)]
    if damaged:
        faults = f"{len(damaged)} published files missing, changed or too many ({', '.join(damaged[:SHOWN])})"
        plan.remarks.append(f"{faults}; made again or removed")
    return plan


def _asked(project: Project, request: Request, pages: Iterable[PageAddress]) -> dict[tuple[str, str], Asked]:
    places = dict.fromkeys((page.scenario, page.area) for page in pages)
    if not request.overrides:
        return dict.fromkeys(places, Asked())
    from eldercare.model import Run

    asked = {}
    for scenario, area in places:
        run = Run(area, scenario, request.overrides, project)
        settings = {area: run.settings, **{name: county.settings for name, county in run.counties.items()}}
        trails = {(a, key): one.all[key].trail for a, one in settings.items() for key in request.overrides}
        reached = {place for place, trail in trails.items() if trail[-1].layer == "set"}
        values: Overrides = {key: run.settings.all[key].value for key in request.overrides}
        asked[scenario, area] = Asked(values, frozenset(reached))
    return asked


def repeated(address: PageAddress, state: State, keys: Keys) -> PageAddress | None:
    """Return the page of the baseline that a page would repeat, as its scenario changes nothing that is read there.

    None where there is none, and for a notebook of one's own, which may do anything with the name of its scenario.
    """
    twin = replace(address, scenario=BASELINE)
    if twin == address or twin not in state.pages or address.notebook not in keys.suite:
        return None
    return twin if keys.leaves(address.scenario, state.reads_of(twin)) else None


def drop_repeats(state: State, keys: Keys) -> None:
    """Take the pages out of a state that repeat one of the baseline."""
    for address, page in list(state.pages.items()):
        if (twin := repeated(address, state, keys)) and state.pages[twin].overrides == page.overrides:
            del state.pages[address]


def _changes(address: PageAddress, overrides: Overrides, keys: Keys, before: State) -> list[str]:
    page, reads = before.pages[address], before.reads_of(address)
    parts = page_parts(keys, address, overrides, reads)
    kinds = [kind for kind in {**page.parts, **parts} if page.parts.get(kind) != parts.get(kind)]
    single = [name for name, now in keys.seen(reads).items() if before.seen.get(name) != now] if kinds else []
    more = [f"and {len(single) - SHOWN} more"] if len(single) > SHOWN else []
    return [*(f"{name} changed" for name in [*(k for k in kinds if k not in READ), *single[:SHOWN]]), *more]


def tables_of(
    project: Project, request: Request, outputs: Path, keys: Keys, before: State, now: State, made: Collection[str] = ()
) -> tuple[dict[TableFolder, Changed], dict[TableFolder, TableRecord]]:
    """Return the tables to make, with changed values by area, and those that stay, for the pages that there are now.

    Of scenarios that are not asked for the tables stay as they are, as long as they are whole and of this code: the
    front page reads them. Those of scenarios ``made`` in this run are made where there are none.
    """
    wanted: dict[TableFolder, Changed] = {TableFolder(scenario): {} for scenario in project.scenarios}
    wanted |= {TableFolder(name, True): changed for name in project.scenarios if (changed := now.changed(name))}
    make: dict[TableFolder, Changed] = {}
    keep: dict[TableFolder, TableRecord] = {}
    named = ["datapackage.json", *(f"{name}.csv" for name in tables())]
    for folder, overrides in wanted.items():
        record, is_asked = before.tables.get(folder), folder.scenario in (request.scenarios or project.scenarios)
        files, stays = {*(f"{folder.name}/{name}" for name in named), f"{folder.name}.xlsx"}, False
        if record and record.files.keys() == files and not (is_asked and request.force):
            parts = table_parts(keys, folder, overrides)
            stays = all(record.parts.get(kind) == parts[kind] for kind in (parts if is_asked else CODE_PARTS))
            stays = stays and all(is_file(outputs / "tables" / name, value) for name, value in record.files.items())
        if record and stays:
            keep[folder] = record
        elif record or is_asked or folder.scenario in made:
            make[folder] = overrides
    return make, keep


def unread(request: Request, pages: Mapping[PageAddress, Overrides]) -> str:
    """Return which of the pages read none of the changed values, for the user; empty when all read some."""
    keys = ", ".join(request.overrides)
    reading = {page.notebook for page, overrides in pages.items() if overrides}
    others = sorted({page.notebook for page in pages} - reading)
    if not keys or not others:
        return ""
    return f"{keys}: not read by {', '.join(others)}" if reading else f"{keys}: read by no page that was asked for"


def _accidents(project: Project, pages: Iterable[PageAddress]) -> Iterator[str]:
    """Yield what was saved into notebooks by accident, which is left out."""
    asked = {page.notebook for page in pages}
    for file in (file for name, file in notebooks_of(project).items() if name in asked):
        notebook = content_of(file)
        if any(cell.get("outputs") for cell in notebook["cells"]):
            yield f"notebooks/{file.name} was saved with outputs; they are not published"
        if strays := [cell.get("id", "?") for cell in notebook["cells"] if is_stray(cell, notebook["metadata"])]:
            words = f"cells without a tag ({', '.join(strays[:SHOWN])}); they are neither executed nor published"
            yield f"notebooks/{file.name} has {words}"
