"""Publication: one run, from the checked request to the exchanged site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from importlib import resources
from pathlib import Path
from time import perf_counter

from eldercare.inputs import Project
from eldercare.publish.cluster import cluster, code, execute_far, pack
from eldercare.publish.keys import SHORT, Keys, digest, surroundings
from eldercare.publish.manifest import PageRecord, State, TableRecord, manifest_text, newest, next_run_id
from eldercare.publish.pages import FRONT, Labels, Shell, render, shell
from eldercare.publish.plan import Plan, is_current, labels_of, make_plan, publish_digests, shell_key, unit_of
from eldercare.publish.pool import FORK, SPAWN, can_fork, run_all, start_server, workers
from eldercare.publish.repeat import comparison, read_manifest, request_of
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import Request, Unit, areas_of, check, cores, notebooks_of
from eldercare.publish.runner import ONE_THREAD, Outcome, Task, environment, execute
from eldercare.publish.staging import Staging, locked, recover, sweep

DONE, FAILED, INTERRUPTED = 0, 1, 130
# What of a request says how to make the results, not which.
HOW = ("workers", "quiet", "engine", "dry_run", "cluster")


def publish(project: Project, request: Request) -> int:
    """Publish what is asked for and return the exit status: 0 done, 1 a notebook failed, 130 interrupted.

    Nothing that was published before is lost: the new site is built beside the live one and exchanged with it only
    when every page of the run is made.

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
            return Publication(project, request, outputs, reporter).run()
    except KeyboardInterrupt:
        reporter.error("interrupted; the published site stays as it was")
        return INTERRUPTED
    except OSError as error:
        reason = error.strerror or str(error)
        reporter.error(f"the results cannot be written: {reason}; the published site stays as it was")
        return FAILED
    finally:
        reporter.close()


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
    """One run under the lock of its outputs."""

    def __init__(self, project: Project, request: Request, outputs: Path, reporter: Reporter):
        self.project = project
        self.request = request
        self.outputs = outputs
        self.reporter = reporter
        self.started = datetime.now(UTC)
        self.clock = perf_counter()
        self.keys = Keys(project)
        self.before = newest(outputs)
        self.plan: Plan = make_plan(project, request, outputs, self.keys, self.before)
        self.labels: Labels = labels_of(project)
        asked = {name: value for name, value in asdict(request).items() if name not in HOW}
        content = digest({"request": asked, "keys": [self.keys.unit(u) for u in self.plan.execute]})
        self.run_id = next_run_id(outputs, content)

    def run(self) -> int:
        """Make what the plan holds, exchange the site, and say what was done."""
        for remark in self.plan.remarks:
            self.reporter.line(remark)
        if self.request.dry_run:
            return self._dry_run()
        if not (self.plan.execute or self.plan.tables or self.plan.removed) and self._all_current():
            return self._finish(0)
        if self._forks():
            start_server(ONE_THREAD)
        with Staging(self.outputs, self.run_id) as staging:
            variables = environment(self.project.root, staging.scratch)
            try:
                with workers(self._workers(), variables, FORK if self._forks() else SPAWN) as pool:
                    state = self._execute(pool, staging)
                    if state is None:
                        return FAILED
                    self._tables(pool, staging, state)
                    self._pages(pool, staging, state)
                    self._front(pool, staging, state)
            except BrokenProcessPool:
                self.reporter.error("a worker process ended unexpectedly; the published site stays as it was")
                return FAILED
            self._manifest(staging, state)
            staging.publish()
        return self._finish(len(self.plan.execute))

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

    def _forks(self) -> bool:
        return self.request.engine == "warm" and can_fork()

    def _workers(self) -> int:
        pieces = len(self.plan.execute) + len(self.plan.tables)
        return max(1, min(self.request.workers or cores(), max(pieces, 1)))

    def _execute(self, pool: ProcessPoolExecutor, staging: Staging) -> State | None:
        units = {unit.stem: unit for unit in self.plan.execute}
        files = notebooks_of(self.project)
        tasks = [
            Task(
                unit.stem,
                files[unit.notebook],
                {
                    "area": unit.area,
                    "scenario": unit.scenario,
                    "overrides": dict(unit.overrides),
                    "language": unit.language,
                },
                self.project.root,
                self.request.timeout,
                self.request.engine,
            )
            for unit in self.plan.execute
        ]
        state = State(pages=dict(self.plan.kept), tables=dict(self.plan.kept_tables), changed=self.plan.changed)
        state.reads = {record.reads: self.before.reads[record.reads] for record in self._kept_with_reads()}
        state.seen = self.keys.seen()
        failures = []
        self.reporter.start([task.name for task in tasks], self._workers())
        with self._executor(pool) as (executor, work):
            for outcome in run_all(executor, work, tasks):
                self._keep(outcome, units[outcome.name], staging, state, failures)
        self.reporter.close()
        if failures:
            self.reporter.error(
                f"{len(failures)} of {len(tasks)} pages failed; nothing is published, the last good site stays"
            )
            return None
        for path in self.plan.removed:
            staging.remove(path)
        return state

    @contextmanager
    def _executor(self, pool: ProcessPoolExecutor) -> Iterator[tuple[Executor, Callable[[Task], Outcome]]]:
        """Give what notebooks are executed by: the workers of this machine, or a cluster."""
        if not self.request.cluster:
            yield pool, execute
            return
        with cluster(self.request.cluster) as executor:
            yield executor, partial(execute_far, pack(self.project.root), code())

    def _kept_with_reads(self) -> list[PageRecord]:
        return [record for record in self.plan.kept.values() if record.reads in self.before.reads]

    def _keep(self, outcome: Outcome, unit: Unit, staging: Staging, state: State, failures: list[str]) -> None:
        if outcome.failure:
            failures.append(outcome.name)
            self.reporter.error(outcome.failure)
            self.reporter.done(outcome.name)
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
        self.reporter.done(outcome.name, outcome.seconds)

    def _tables(self, pool: ProcessPoolExecutor, staging: Staging, state: State) -> None:
        jobs = {}
        for folder, key in self.plan.tables.items():
            scenario, _, changed = folder.partition("+")
            overrides = self.plan.changed.get(scenario, {}) if changed else None
            jobs[folder] = key, pool.submit(_make_tables, self.project.root, scenario, self.run_id, overrides)
        for folder, (key, job) in jobs.items():
            files = job.result()
            for name, content in files.items():
                written = staging.write(f"tables/{name}", content)
                staging.link(f"site/data/{name}", written)
            state.tables[folder] = TableRecord(
                key, self.run_id, {name: sha256(content).hexdigest() for name, content in files.items()}
            )

    def _shell(self, stem: str, record: PageRecord, stems: frozenset[str]) -> Shell:
        return shell(unit_of(stem, record.overrides), self.labels, stems, record.run_id)

    def _pages(self, pool: ProcessPoolExecutor, staging: Staging, state: State) -> None:
        stems = frozenset(state.pages)
        assets(staging)
        jobs = {}
        for stem, record in state.pages.items():
            around = self._shell(stem, record, stems)
            key = shell_key(around, record.notebook_sha256)
            if not is_current(self.outputs, stem, record, key):
                notebook = (staging.root / "notebooks" / f"{stem}.ipynb").read_bytes()
                jobs[stem] = key, pool.submit(render, notebook, around)
        for stem, (key, job) in jobs.items():
            page = job.result().encode("utf-8")
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

    def _front(self, pool: ProcessPoolExecutor, staging: Staging, state: State) -> None:
        scenarios = [name for name in self.project.scenarios if name in state.tables]
        changed = {stem: record.overrides for stem, record in state.pages.items() if record.overrides}
        if not scenarios:
            return
        pages = pool.submit(
            _make_front,
            self.project.root,
            staging.root,
            self.run_id,
            list(state.pages),
            changed,
            scenarios,
            self.labels,
        ).result()
        for name, text in pages.items():
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

    def _finish(self, executed: int) -> int:
        reused = len(self.plan.kept)
        self.reporter.line(
            f"{executed} pages executed, {reused} kept as they were, 0 failed, {perf_counter() - self.clock:.1f} s"
        )
        self.reporter.line(str(self.outputs / "site" / FRONT["en"]))
        return DONE


# Loaded where the work is done: a run that finds everything up to date needs neither the model nor figures.
def _make_tables(*arguments: object) -> dict[str, bytes]:
    from eldercare.publish.tables import table_files

    return table_files(*arguments)


def _make_front(*arguments: object) -> dict[str, str]:
    from eldercare.publish.front import front_pages

    return front_pages(*arguments)


def assets(staging: Staging) -> None:
    """Put the style sheet, the script and the fonts into the site, once for all pages."""
    for file in (resources.files("eldercare.publish") / "assets").iterdir():
        staging.write(f"site/assets/{file.name}", file.read_bytes())
    fonts = resources.files("eldercare.figures") / "fonts"
    for file in fonts.iterdir():
        if file.name.endswith((".woff2", "OFL.txt")):
            staging.write(f"site/assets/fonts/{file.name}", file.read_bytes())
