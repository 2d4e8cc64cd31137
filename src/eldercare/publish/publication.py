"""Publication: one run, from the checked request to the exchanged site."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from hashlib import sha256
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any

from eldercare.inputs import Project, load_project
from eldercare.inputs.scenarios import BASELINE
from eldercare.model.cache import sweep
from eldercare.publish.cluster import cluster, code, execute_far, pack
from eldercare.publish.keys import SHORT, Keys, digest, surroundings
from eldercare.publish.manifest import PageRecord, State, TableRecord, manifest_text, newest, next_run_id
from eldercare.publish.pages import FRONT, Labels, Shell, shell
from eldercare.publish.plan import Plan, is_current, labels_of, make_plan, publish_digests, shell_key, unit_of
from eldercare.publish.repeat import comparison, read_manifest, request_of
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import Request, Unit, areas_of, check, cores, notebooks_of, plan_units
from eldercare.publish.runner import Outcome, Task, execute
from eldercare.publish.staging import Staging, locked, recover, scratch
from eldercare.publish.workers import ProcessExpired, Workers, fetch, outcome

DONE, FAILED, INTERRUPTED = 0, 1, 130
# Pages that take about as long as it takes to bring the first ones out before the others.
SOON = 12
# Seconds between two moves of the progress bar's clock.
TICK = 1.0
# What of a request says how to make the results, not which.
HOW = ("workers", "quiet", "dry_run", "cluster")


def publish(project: Project, request: Request) -> int:
    """Publish what is asked for and return the exit status: 0 done, 1 a notebook failed, 130 interrupted.

    Nothing that was published before is lost: the new site is built beside the live one and exchanged with it only
    when every page of the run is made. Where no site stands yet, a large run is two: see :func:`first_pages`.

    Raises
    ------
    InputError
        If the request is wrong, or another run is writing to the same outputs.
    """
    check(project, request)
    reporter = Reporter(request.quiet)
    outputs = project.root / "outputs"
    try:
        with locked(outputs):
            recover(outputs)
            sweep(project.root)
            return _publish(project, request, outputs, reporter)
    except KeyboardInterrupt:
        reporter.error("interrupted; the published site stays as it was")
        return INTERRUPTED
    except OSError as error:
        reason = error.strerror or str(error)
        reporter.error(f"the results cannot be written: {reason}; the published site stays as it was")
        return FAILED
    finally:
        reporter.close()


def _publish(project: Project, request: Request, outputs: Path, reporter: Reporter) -> int:
    clock, keys, ahead = perf_counter(), Keys(project), 0
    try:
        with Crew(project.root, request, outputs) as crew:
            first = first_pages(project, request, outputs)
            if first:
                publication = Publication(project, first, outputs, reporter, keys)
                if publication.run(crew) != DONE:
                    return FAILED
                ahead, request = len(publication.plan.execute), replace(request, force=False)
                reporter.line(f"{ahead} pages to begin with, the others follow: {outputs / 'site' / FRONT['en']}")
            publication = Publication(project, request, outputs, reporter, keys)
            status = publication.run(crew)
    except (BrokenProcessPool, ProcessExpired):
        reporter.error("a worker process ended unexpectedly; the published site stays as it was")
        return FAILED
    if status == DONE and not request.dry_run:
        publication.report(ahead, perf_counter() - clock)
    return status


def first_pages(project: Project, request: Request, outputs: Path) -> Request | None:
    """Return a request for the leading page of the first area and scenario, where a larger one begins from nothing.

    They are published as a site of their own, so that there is something to read long before all is made. Where a
    site stands already it stays until the whole new one can take its place.
    """
    if (outputs / "site").exists() or request.dry_run or request.cluster:
        return None
    units = plan_units(project, request)
    if len(units) <= SOON:
        return None
    made = {unit.notebook for unit in units}
    notebook = labels_of(project).main
    notebook = notebook if notebook in made else units[0].notebook
    return replace(request, scenarios=(units[0].scenario,), areas=(units[0].area,), notebooks=(notebook,))


class Crew:
    """The worker processes of one command, started when the first piece of work is there.

    Parameters
    ----------
    root : Path
        Folder of the project.
    request : Request
    outputs : Path
    """

    def __init__(self, root: Path, request: Request, outputs: Path):
        self.root = root
        self.outputs = outputs
        self.number = request.workers or cores()
        self._open = ExitStack()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.__exit__(*exception)

    @cached_property
    def folder(self) -> Path:
        """Folder for what is not published."""
        return self._open.enter_context(scratch(self.outputs))

    @cached_property
    def workers(self) -> Workers:
        """The processes; started when they are first asked for."""
        return self._open.enter_context(Workers(self.root, self.folder, self.number))


def repeat(project: Project, manifest: Path, number: int | None = None, quiet: bool = False) -> int:
    """Make the run of a manifest again and say which results are byte by byte the same; exit status as `publish`.

    Raises
    ------
    InputError
        If the manifest is not one, or an input or a version is no longer the same.
    """
    before = read_manifest(manifest)
    request = replace(request_of(project, manifest), workers=number, quiet=quiet)
    status = publish(project, request)
    if status == DONE:
        after = read_manifest(sorted((project.root / "outputs" / "runs").glob("*.json"))[-1])
        same, other = comparison(before, after)
        reporter = Reporter(quiet)
        reporter.line(
            f"run {before['run_id']} repeated: {len(same)} results byte by byte the same, {len(other)} differ"
        )
        for name in other:
            reporter.error(f"differs from run {before['run_id']}: {name}")
        status = FAILED if other else DONE
    return status


class Publication:
    """One run under the lock of its outputs.

    Parameters
    ----------
    project : Project
    request : Request
    outputs : Path
    reporter : Reporter
    keys : Keys
    """

    def __init__(self, project: Project, request: Request, outputs: Path, reporter: Reporter, keys: Keys):
        self.project = project
        self.request = request
        self.outputs = outputs
        self.reporter = reporter
        self.started = datetime.now(UTC)
        self.clock = perf_counter()
        self.keys = keys
        self.before = newest(outputs)
        self.plan: Plan = make_plan(project, request, outputs, self.keys, self.before)
        self.labels: Labels = labels_of(project)
        asked = {name: value for name, value in asdict(request).items() if name not in HOW}
        content = digest({"request": asked, "keys": [self.keys.unit(u) for u in self.plan.execute]})
        self.run_id = next_run_id(outputs, content)

    def run(self, crew: Crew) -> int:
        """Make what the plan holds, and exchange the site."""
        for remark in self.plan.remarks:
            self.reporter.line(remark)
        if self.request.dry_run:
            return self._dry_run()
        if not (self.plan.execute or self.plan.tables or self.plan.removed) and self._all_current():
            return DONE
        with Staging(self.outputs, self.run_id) as staging:
            state = self._known(staging)
            if not self._make(crew, staging, state):
                return FAILED
            front = self._front(crew, staging, state)
            self._pages(crew, staging, state)
            self._keep_front(staging, state, front)
            self._manifest(staging, state)
            staging.publish()
        return DONE

    def _dry_run(self) -> int:
        for stem, why in self.plan.why.items():
            self.reporter.line(f"{stem}: {why}")
        for folder in self.plan.tables:
            self.reporter.line(f"tables of {folder}")
        self.reporter.line(
            f"{len(self.plan.execute)} pages would be executed, {len(self.plan.kept)} kept as they are, "
            f"tables of {len(self.plan.tables)} scenarios would be made"
        )
        return DONE

    def _known(self, staging: Staging) -> State:
        """Return what of the outputs stays as it is; what is no more is taken out of the staged ones."""
        state = State(pages=dict(self.plan.kept), tables=dict(self.plan.kept_tables), changed=self.plan.changed)
        state.reads = {record.reads: self.before.reads[record.reads] for record in self._kept_with_reads()}
        state.seen = self.keys.seen()
        for path in self.plan.removed:
            staging.remove(path)
        return state

    def _make(self, crew: Crew, staging: Staging, state: State) -> bool:
        """Execute the notebooks and make the tables; say whether no notebook failed."""
        notebooks = notebooks_of(self.project)
        tasks = [self._task(unit, notebooks[unit.notebook], crew) for unit in self.plan.execute]
        units = {unit.stem: unit for unit in self.plan.execute}
        failures: list[str] = []
        self.reporter.start([task.name for task in tasks], min(crew.number, max(len(tasks), 1)))
        with self._executed(crew) as (begin, outcome_of, at_once):
            waiting = deque(self._steps(tasks))
            under_way: dict[Future, Task | str] = {}
            files: dict[str, dict[str, bytes]] = {}
            while waiting or under_way:
                while waiting and len(under_way) < at_once:
                    step = waiting.popleft()
                    if isinstance(step, Task):
                        job = begin(step)
                    elif step not in files:
                        job = crew.workers.submit(_make_tables, self._frames(crew, step), *self._about(step))
                    else:
                        job = crew.workers.submit(_make_workbook, self._frames(crew, step), *self._about(step))
                    under_way[job] = step
                self.reporter.tick()
                for job in wait(under_way, TICK, FIRST_COMPLETED).done:
                    step = under_way.pop(job)
                    if isinstance(step, Task):
                        self._keep(outcome_of(job, step), units[step.name], staging, state, failures)
                    elif step not in files:
                        files[step] = fetch(job)
                        waiting.appendleft(step)
                    else:
                        self._keep_tables(step, files[step] | fetch(job), staging, state)
        self.reporter.close()
        if failures:
            self.reporter.error(
                f"{len(failures)} of {len(tasks)} pages failed; nothing is published, the last good site stays"
            )
        return not failures

    @staticmethod
    def _frames(crew: Crew, folder: str) -> Path:
        """Return the file in which the frames of tables wait for the workbook."""
        return crew.folder / f"frames-{folder}"

    def _steps(self, tasks: list[Task]) -> Iterator[Task | str]:
        """Yield tasks, and the tables of a scenario after its first page, so that no core waits at the end."""
        left = list(self.plan.tables)
        for task in tasks:
            yield task
            for folder in [folder for folder in left if folder.partition("+")[0] == task.parameters["scenario"]]:
                left.remove(folder)
                yield folder
        for folder in left:
            yield folder

    def _task(self, unit: Unit, notebook: Path, crew: Crew) -> Task:
        parameters = {
            "area": unit.area,
            "scenario": unit.scenario,
            "overrides": dict(unit.overrides),
            "language": unit.language,
        }
        mark = crew.folder / f"cell-{unit.stem.replace('/', '-')}"
        return Task(unit.stem, notebook, parameters, self.project.root, mark)

    def _about(self, folder: str) -> tuple[Path, str, str, Mapping[str, Mapping[str, object]] | None]:
        """Return root, scenario, run and overrides of a folder of tables."""
        scenario, _, changed = folder.partition("+")
        return self.project.root, scenario, self.run_id, self.plan.changed.get(scenario, {}) if changed else None

    @contextmanager
    def _executed(
        self, crew: Crew
    ) -> Iterator[tuple[Callable[[Task], Future], Callable[[Future, Task], Outcome], int]]:
        """Give how a notebook's execution is begun and its outcome taken, and how many pieces are sent at once.

        A cluster gets everything; here nothing is sent ahead, so that a workbook need not wait for all pages.
        """
        limit = self.request.timeout
        if not self.request.cluster:
            yield partial(crew.workers.submit, execute, limit=limit), partial(outcome, limit=limit), crew.number
            return
        with cluster(self.request.cluster) as executor:
            work = partial(execute_far, pack(self.project.root), code(), limit)
            yield partial(executor.submit, work), lambda job, _: job.result(), len(self.plan.execute) + crew.number

    def _kept_with_reads(self) -> list[PageRecord]:
        return [record for record in self.plan.kept.values() if record.reads in self.before.reads]

    def _keep(self, outcome: Outcome, unit: Unit, staging: Staging, state: State, failures: list[str]) -> None:
        if outcome.failure:
            failures.append(unit.stem)
            self.reporter.error(outcome.failure)
            self.reporter.done(unit.stem)
            return
        staging.write(f"notebooks/{unit.stem}.ipynb", outcome.notebook)
        name = digest(outcome.reads)[:SHORT] if outcome.reads else ""
        if outcome.reads:
            state.reads[name] = outcome.reads
        parts = self.keys.parts(unit, outcome.reads)
        made = sha256(outcome.notebook).hexdigest()
        state.pages[unit.stem] = PageRecord(
            digest(parts), self.run_id, dict(unit.overrides), made, parts=parts, reads=name
        )
        self.reporter.done(unit.stem, outcome.seconds)

    def _keep_tables(self, folder: str, files: Mapping[str, bytes], staging: Staging, state: State) -> None:
        for name, content in files.items():
            staging.link(f"site/data/{name}", staging.write(f"tables/{name}", content))
        digests = {name: sha256(content).hexdigest() for name, content in files.items()}
        state.tables[folder] = TableRecord(self.plan.tables[folder], self.run_id, digests)

    def _shell(self, stem: str, record: PageRecord, stems: frozenset[str]) -> Shell:
        return shell(unit_of(stem, record.overrides), self.labels, stems, record.run_id)

    def _pages(self, crew: Crew, staging: Staging, state: State) -> None:
        stems = frozenset(state.pages)
        assets(staging)
        todo = {}
        for stem, record in state.pages.items():
            around = self._shell(stem, record, stems)
            key = shell_key(around, record.notebook_sha256)
            if not is_current(self.outputs, stem, record, key):
                todo[stem] = staging.root / "notebooks" / f"{stem}.ipynb", around, key
        parts = [list(todo.items())[first :: crew.number] for first in range(crew.number)]
        jobs = [
            crew.workers.submit(_render, [(file, around) for _, (file, around, _) in part]) for part in parts if part
        ]
        for part, job in zip(parts, jobs, strict=False):
            for (stem, (_, _, key)), page in zip(part, fetch(job), strict=True):
                staging.write(f"site/{stem}.html", page)
                state.pages[stem] = replace(state.pages[stem], shell_key=key, page_sha256=sha256(page).hexdigest())

    def _front_key(self, state: State) -> str:
        return digest(
            {
                "tables": {folder: record.key for folder, record in state.tables.items()},
                "pages": sorted(state.pages),
                "changed": state.changed,
                "made": publish_digests()["pages"],
                "common": self.keys.common,
            }
        )

    def _front(self, crew: Crew, staging: Staging, state: State) -> Future | None:
        """Begin the front page from the tables; None when there are none."""
        scenarios = [name for name in self.project.scenarios if name in state.tables]
        changed = {stem: record.overrides for stem, record in state.pages.items() if record.overrides}
        if not scenarios:
            return None
        about = self.project.root, staging.root, self.run_id, list(state.pages), changed, scenarios, self.labels
        return crew.workers.submit(_make_front, *about)

    def _keep_front(self, staging: Staging, state: State, job: Future | None) -> None:
        if job is None:
            return
        for name, text in fetch(job).items():
            staging.write(f"site/{name}", text)
        state.front = {"key": self._front_key(state)}

    def _all_current(self) -> bool:
        state = State(pages=self.plan.kept, tables=self.plan.kept_tables, changed=self.plan.changed)
        site = self.outputs / "site"
        if self.before.front.get("key") != self._front_key(state) or not all(
            (site / f).is_file() for f in FRONT.values()
        ):
            return False
        return all(
            is_current(
                self.outputs,
                stem,
                record,
                shell_key(self._shell(stem, record, self.plan.stems), record.notebook_sha256),
            )
            for stem, record in self.plan.kept.items()
        )

    def _manifest(self, staging: Staging, state: State) -> None:
        parameters = {
            scenario: self.keys.parameters(scenario) for scenario in self._scenarios() or self.project.scenarios
        }
        clock = {
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(perf_counter() - self.clock, 1),
        }
        asked = asdict(self.request) | {"areas": self.request.areas or areas_of(self.project)}
        staging.write(
            f"runs/{self.run_id}.json",
            manifest_text(self.run_id, asked, self.keys.inputs, surroundings(), parameters, state, clock),
        )

    def _scenarios(self) -> list[str]:
        """Return the scenarios that this run made pages or tables of."""
        folders = [folder.partition("+")[0] for folder in self.plan.tables]
        return list(dict.fromkeys([*(unit.scenario for unit in self.plan.execute), *folders]))

    def report(self, ahead: int, seconds: float) -> None:
        """Say what was done in how many seconds, with the pages that this command executed in a run before."""
        self.reporter.line(
            f"{len(self.plan.execute) + ahead} pages executed, {len(self.plan.kept) - ahead} kept as they were, "
            f"0 failed, {seconds:.1f} s"
        )
        self.reporter.line(str(self.outputs / "site" / FRONT["en"]))


# Loaded where the work is done: a run that finds everything up to date needs neither the model nor figures.
def _make_tables(frames: Path, *arguments: Any) -> dict[str, bytes]:
    from eldercare.publish.processed import write_processed
    from eldercare.publish.tables import csv_files

    files, made = csv_files(*arguments)
    frames.write_bytes(pickle.dumps(made))
    root, scenario, _, changed = arguments
    if scenario == BASELINE and not changed:
        write_processed(load_project(root))
    return files


def _make_workbook(frames: Path, *arguments: object) -> dict[str, bytes]:
    from eldercare.publish.tables import workbook_file

    return workbook_file(*arguments, pickle.loads(frames.read_bytes()))


def _render(pages: list[tuple[Path, Shell]]) -> list[bytes]:
    from eldercare.publish.documents import render

    return [render(notebook.read_bytes(), around).encode("utf-8") for notebook, around in pages]


def _make_front(*arguments: object) -> dict[str, str]:
    from eldercare.publish.front import front_pages

    return front_pages(*arguments)


def assets(staging: Staging) -> None:
    """Put the style sheet, the script and the fonts into the site, once for all pages."""
    for file in (resources.files("eldercare.publish") / "assets").iterdir():
        staging.write(f"site/assets/{file.name}", file.read_bytes())
    fonts = resources.files("eldercare.report") / "fonts"
    for file in fonts.iterdir():
        if file.name.endswith((".woff2", "OFL.txt")):
            staging.write(f"site/assets/fonts/{file.name}", file.read_bytes())
