"""Publication: one run, from the checked request to the exchanged site."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib import resources
from pathlib import Path
from time import perf_counter

from eldercare.inputs import InputError, Project
from eldercare.inputs.guards import as_json
from eldercare.inputs.problems import _, message_language, reason
from eldercare.inputs.reads import Reads
from eldercare.inputs.scenarios import BASELINE
from eldercare.publish import keys
from eldercare.publish.cluster import cluster, execute_far, pack
from eldercare.publish.fonts import strange, web_fonts, written
from eldercare.publish.keys import Keys, code_digest, digest, file_digest
from eldercare.publish.manifest import Changed, PageRecord, State, TableRecord, manifest_text, newest, news, next_run_id
from eldercare.publish.pages import BRIEFS, FRONT, Labels, Shell, briefs, shell
from eldercare.publish.plan import Plan, drop_repeats, make_plan, page_parts, repeated, table_parts, tables_of, unread
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import PageAddress, Request, TableFolder, addresses, check, cores, notebooks_of
from eldercare.publish.runner import Outcome, Task, execute_all
from eldercare.publish.search import scripts
from eldercare.publish.staging import LOGS, Staging, locked, unchanged
from eldercare.publish.workers import ProcessExpired, Workers, fetch, outcomes

DONE, FAILED, UNFIT, INTERRUPTED = 0, 1, 2, 130
# Pages that take about as long as it takes to bring the first ones out before the others.
SOON = 12
# What is held against the digests of the run that made it.
PUBLISHED = ("site", "notebooks", "tables")
# Seconds between two moves of the progress bar's clock.
TICK = 1.0
Begin = Callable[[Sequence[Task]], Future]


def publish(project: Project, request: Request) -> int:
    """Publish and return the exit status: 0 done, 1 a notebook failed, 2 the inputs do not fit, 130 interrupted.

    Nothing that was published before is lost: the new site is built beside the live one and exchanged with it only
    when every page of the run is made. Where no site stands yet, a large run is two: see :func:`first_pages`.

    InputError if the request is wrong, or another run is writing to the same outputs.
    """
    check(project, request)
    reporter, outputs = Reporter(request.quiet), project.root / "outputs"
    try:
        with ExitStack() as held:
            # What only looks may stand where nothing can be written.
            work = outputs if request.dry_run else held.enter_context(locked(outputs))
            if not request.dry_run:
                reporter.keep(outputs / LOGS, request)
            held.enter_context(unchanged(outputs) if request.dry_run else nullcontext())
            workers = held.enter_context(Workers(project.root, work / "scratch", request.workers or cores()))
            return _publish(Publication(project, request, outputs, work, reporter, Keys(project), workers))
    except KeyboardInterrupt:
        reporter.error(_("interrupted; the published site stays as it was"))
        return INTERRUPTED
    except (BrokenProcessPool, CancelledError, ProcessExpired):
        reporter.error(_("a worker process ended unexpectedly; the published site stays as it was"))
        return FAILED
    except OSError as error:
        told = _("the results cannot be written: {reason}; the published site stays as it was", reason=reason(error))
        reporter.error(told)
        return FAILED
    finally:
        reporter.close()


def _publish(asked: Publication) -> int:
    clock, ahead, line = perf_counter(), 0, asked.reporter.line
    site = asked.outputs / "site" / FRONT["en"]
    if first := first_pages(asked):
        leading = replace(asked, request=first, is_leading=True)
        if (status := leading.run()) != DONE:
            return status
        ahead = len(leading.plan.execute)
        line(f"{ahead} pages to begin with, the others follow: {site}")
        asked = replace(asked, request=replace(asked.request, force=False))
    status = asked.run()
    if status == DONE and not asked.request.dry_run:
        if not ahead:  # what stood there before these was made a moment ago
            asked.tell_news()
        made, kept = len(asked.plan.execute) + ahead, len(asked.plan.kept.pages) - ahead
        line(f"{made} pages executed, {kept} kept as they were, 0 failed, {perf_counter() - clock:.1f} s")
        line(str(site))
    return status


def first_pages(asked: Publication) -> Request | None:
    """Return a request for the leading page of the first area and scenario, where a larger one begins from nothing.

    They are published as a site of their own, so that there is something to read long before all is made. Where a
    site stands already it stays until the whole new one can take its place.
    """
    request, pages = asked.request, addresses(asked.project, asked.request)
    if (asked.outputs / "site").exists() or request.dry_run or request.cluster or len(pages) <= SOON:
        return None
    first, main = pages[0], asked.labels.main
    notebook = main if main in {page.notebook for page in pages} else first.notebook
    return replace(request, scenarios=(first.scenario,), areas=(first.area,), notebooks=(notebook,))


@dataclass
class Step:
    """A piece of work: how it is begun, and what is done with its result, which may ask for more steps."""

    begin: Callable[[], Future]
    end: Callable[[Future], Iterable[Step]]


@dataclass
class Publication:
    """One run under the lock of its outputs; ``state`` is what they hold after it, and grows as results come in."""

    project: Project
    request: Request
    outputs: Path
    work: Path
    reporter: Reporter
    keys: Keys
    workers: Workers
    is_leading: bool = False
    failed: int = field(default=0, init=False)
    unfit: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.labels = Labels.of(self.project, notebooks_of(self.project))

    @cached_property
    def texts(self) -> dict[str, set[str]]:
        """The characters of the inputs, by file."""
        return written(self.project.root, self.keys.inputs)

    @cached_property
    def briefs(self) -> list[Path]:
        """The briefs that the site has and links."""
        return briefs(self.project.root, self.outputs)

    def run(self) -> int:
        """Make what is to be made, and exchange the site."""
        self.started, self.clock = datetime.now(UTC), perf_counter()
        self.before = newest(self.outputs)
        self.damage = keys.damage(self.outputs, PUBLISHED, self.before.files()) if self.before.pages else []
        self.plan = plan = make_plan(self.project, self.request, self.outputs, self.keys, self.before, self.damage)
        self.state = replace(plan.kept, pages=dict(plan.kept.pages), tables=dict(plan.kept.tables))
        for remark in [*plan.remarks, *strange(self.texts)]:
            self.reporter.line(remark)
        if self.request.dry_run:
            return self._dry_run(plan)
        if not self._is_current():
            content = digest([self.keys.inputs, keys.surroundings(), self.request.overrides, list(plan.why)])
            self.make(plan, self.state, next_run_id(self.outputs, content))
            if self.failed:
                count = {"failed": self.failed, "all": len(plan.execute)}
                told = _("{failed} of {all} pages failed; nothing is published, the last good site stays", **count)
                self.reporter.error(told)
                return UNFIT if self.unfit else FAILED
            self._manifest()
            tables = [f"tables/{name}" for record in self.state.tables.values() for name in record.files]
            self.staging.publish({*tables, *(address.files[1] for address in self.state.pages)})
        self._tell_unread({address: page.overrides for address, page in self.state.pages.items()})
        return DONE

    def make(self, plan: Plan, state: State, run_id: str) -> None:
        """Make all that a plan names, and the site around it and what there is; nothing is put in place."""
        self.plan, self.state, self.run_id = plan, state, run_id
        self.staging = Staging(self.outputs, self.work / run_id)
        self._make()
        if not self.failed:
            drop_repeats(self.state, self.keys)
            self._site()

    def tell_news(self) -> None:
        """Say what has changed in the headline since the last publication: of the scenarios asked for, or the first."""
        names = self.request.scenarios or tuple(self.project.scenarios)[:1]
        if before := {name: one for name, one in self.before.headlines().items() if name in names}:
            language = message_language()
            told = news(self.project, before, self.state.headlines(), language)
            for line in told or [_("the headline is as before").told(language)]:
                self.reporter.line(line)

    def _dry_run(self, plan: Plan) -> int:
        for address, why in plan.why.items():
            self.reporter.line(f"{address.stem}: {why}")
        for folder in plan.tables:
            self.reporter.line(f"tables of {folder.name}")
        self._tell_unread({address: page.overrides for address, page in plan.kept.pages.items()} | plan.execute)
        self.reporter.line(
            f"{len(plan.execute)} pages would be executed, {len(plan.kept.pages)} kept as they are, "
            f"tables of {len(plan.tables)} scenarios would be made"
        )
        return DONE

    def _tell_unread(self, read: Mapping[PageAddress, dict[str, object]]) -> None:
        pages = addresses(self.project, self.request)
        if remark := unread(self.request, {page: read[page] for page in pages if page in read}):
            self.reporter.line(remark)

    def _is_current(self) -> bool:
        """Say whether everything stands in the outputs as it would be made."""
        return (
            not (self.plan.execute or self.plan.tables)
            and self.before.pages.keys() == self.state.pages.keys()
            and self.before.tables.keys() == self.state.tables.keys()
            and self.before.front == self._front_key()
            and not self.damage
            and all(is_current for *_page, is_current in self._shells())
            and all(keys.is_file(self.outputs / "site" / BRIEFS / f.name, file_digest(f)) for f in self.briefs)
        )

    # ---- notebooks and tables

    def _make(self) -> None:
        """Execute the notebooks and make the tables."""
        self.workers.submit("eldercare.model.cache:sweep", self.project.root)
        pages, limit, number = self.plan.execute, self.request.timeout, self.workers.number
        self.reporter.start([address.stem for address in pages], number)
        with ExitStack() as stack:
            begin: Begin = lambda tasks: self.workers.submit(execute_all, tasks, limit=limit * len(tasks))  # noqa: E731
            look: Callable[[], None] | None = None
            if self.request.cluster:
                workers = stack.enter_context(cluster(self.request.cluster))
                far = partial(execute_far, pack(self.project.root), code_digest("results"), limit)
                begin = partial(workers.submit, far)
                number, look = number + len(pages), workers.check
            self._work_off(self._steps(begin), number, look)
        if not self.failed:
            # Only now it is known which pages have changed values.
            make, keep = tables_of(self.project, self.request, self.outputs, self.keys, self.before, self.state)
            plain = {folder: record for folder, record in self.state.tables.items() if not folder.is_changed}
            self.state.tables = {**keep, **plain}
            late = [self._table_step(*folder) for folder in make.items() if folder[0] not in plain]
            self._work_off(late, self.workers.number)
        self.reporter.close()

    def _work_off(self, steps: Iterable[Step], at_once: int, look: Callable[[], None] | None = None) -> None:
        """Do a number of steps at a time, what they ask for before what waits, and look after them meanwhile."""
        waiting, under_way = deque(steps), dict[Future, Step]()
        while waiting or under_way:
            while waiting and len(under_way) < at_once:
                step = waiting.popleft()
                under_way[step.begin()] = step
            self.reporter.tick()
            if look:
                look()
            for job in wait(under_way, TICK, FIRST_COMPLETED).done:
                waiting.extendleft(under_way.pop(job).end(job))

    def _steps(self, begin: Begin) -> Iterator[Step]:
        """Yield pages, and the tables of a scenario after its first page, so that no core waits at the end."""
        left, waiting = dict(self.plan.tables), {page for pages in self.plan.waits.values() for page in pages}
        first = {pages[0]: pages for pages in self._together(self.plan.execute.keys() - waiting)}
        for address in self.plan.execute:
            if address in first:
                yield self._page_step(first[address], begin)
            for folder in [folder for folder in left if folder.scenario == address.scenario]:
                yield self._table_step(folder, left.pop(folder))
        yield from (self._table_step(folder, overrides) for folder, overrides in left.items())

    def _together(self, pages: Collection[PageAddress]) -> list[list[PageAddress]]:
        """Return pages in groups for one process each: the languages of a page, of which one computes for all.

        A notebook of one's own has its process for itself, as it may leave anything behind.
        """
        groups = defaultdict(list)
        for page in [page for page in self.plan.execute if page in pages]:
            same = replace(page, language="") if page.notebook in self.keys.suite else page
            groups[same, str(self.plan.execute[page])].append(page)
        return list(groups.values())

    def _page_step(self, pages: Sequence[PageAddress], begin: Begin) -> Step:
        tasks = [self._task(page) for page in pages]

        def end(job: Future) -> list[Step]:
            made = job.result() if self.request.cluster else outcomes(job, tasks, self.request.timeout)
            again, freed = set(), list[PageAddress]()
            for page, one in zip(pages, made, strict=True):
                if one is None:
                    again.add(page)
                elif one.failure:
                    self.failed, self.unfit = self.failed + 1, self.unfit or one.unfit
                    self.reporter.error(one.failure)
                    self.reporter.done(page.stem)
                elif (read := self._asked(page, one.reads)) != self.plan.execute[page] and not self.plan.again:
                    # A page is made with exactly those changed values that it reads.
                    self.plan.execute[page] = read
                    again.add(page)
                else:
                    self._keep(page, one)
                    freed += self._waiting_for(page)
            return [self._page_step(some, begin) for some in (*self._together(again), *self._together(freed))]

        return Step(partial(begin, tasks), end)

    def _asked(self, page: PageAddress, reads: Reads | None) -> dict[str, object]:
        return self.plan.asked[page.scenario, page.area].read(reads)

    def _task(self, page: PageAddress) -> Task:
        parameters = {name: value for name, value in asdict(page).items() if name != "notebook"}
        parameters["overrides"] = self.plan.execute[page]
        mark = self.workers.folder / page.stem.replace("/", "-")
        return Task(page.stem, notebooks_of(self.project)[page.notebook], parameters, self.project.root, mark)

    def _keep(self, page: PageAddress, made: Outcome) -> None:
        written_to = self.staging.write(page.files[1], made.notebook)
        name, overrides = digest(made.reads.record())[: keys.SHORT], self.plan.execute[page]
        self.state.reads[name] = made.reads
        parts = page_parts(self.keys, page, overrides, made.reads)
        number, day = self._run_of(self.state.pages.get(page))
        self.state.pages[page] = PageRecord(number, overrides, parts, name, file_digest(written_to), made=day)
        self.reporter.done(page.stem, made.seconds)

    def _run_of(self, record: PageRecord | TableRecord | None) -> tuple[str, str]:
        """Return number and day of this run, or of the one whose record is made once more."""
        return (record.run_id, record.made) if record and self.plan.again else (self.run_id, f"{self.started:%Y-%m-%d}")

    def _waiting_for(self, twin: PageAddress) -> Iterator[PageAddress]:
        """Yield the pages of scenarios that do not repeat the page of the baseline that is made now."""
        for address in self.plan.waits.get(twin, ()):
            overrides = self._asked(address, self.state.reads_of(twin))
            if repeated(address, self.state, self.keys) and overrides == self.state.pages[twin].overrides:
                if self.plan.execute.pop(address, None) is not None:
                    self.reporter.done(address.stem)
            elif address in self.plan.execute or address not in self.state.pages:
                if address not in self.plan.execute:
                    self.reporter.add(address.stem)
                self.plan.execute[address] = overrides
                yield address

    def _table_step(self, folder: TableFolder, overrides: Changed) -> Step:
        def end(job: Future) -> list[Step]:
            try:
                made = fetch(job)
            except InputError:
                raise
            except (ValueError, ArithmeticError, LookupError) as error:
                why = f"{type(error).__name__}: {error}"
                told = _("the tables of {folder} cannot be made ({reason})", folder=folder.name, reason=why)
                self.reporter.error(told)
                self.failed += 1
                return []
            files = {name: self.staging.write(f"tables/{name}", content) for name, content in made.items()}
            digests = {name: file_digest(file) for name, file in files.items()}
            # Those of the leading page are brief and made again.
            parts = {} if self.is_leading else table_parts(self.keys, folder, overrides)
            package = f"{folder.name}/datapackage.json"
            told = as_json(made[package], package)["headline"]
            self.state.tables[folder] = TableRecord(number, overrides, parts, digests, day, told)
            return []

        number, day = self._run_of(self.state.tables.get(folder))
        about = (self.project.root, folder.scenario, number, overrides, day, not self.is_leading)
        return Step(partial(self.workers.submit, "eldercare.publish.tables:make", *about), end)

    # ---- the site

    def _site(self) -> None:
        """Build the site anew; pages that stand there as they would be made are taken over."""
        for record in self.state.tables.values():
            for name in record.files:
                self.staging.link(f"site/data/{name}", self.staging.find(f"tables/{name}"))
        files = {name for page in self.state.pages.values() for name in self.state.reads[page.reads].files}
        texts = self.texts | written(self.project.root, files - self.texts.keys())
        assets = resources.files("eldercare.publish") / "assets"
        shown = [Path(str(file)) for file in assets.iterdir() if not file.name.startswith("desk")]
        for folder, files_of in {"assets": shown, BRIEFS: self.briefs}.items():
            for file in files_of:
                self.staging.write(f"site/{folder}/{file.name}", file.read_bytes())
        for name, content in web_fonts(set().union(*texts.values())):
            self.staging.write(f"site/assets/fonts/{name}", content)
        self.staging.write("site/run.txt", f"{self.run_id}\n")
        front, todo, number = self._front(), [], self.workers.number
        for address, around, key, is_current in self._shells():
            if is_current:
                self.staging.link(address.files[0], self.outputs / address.files[0])
            else:
                notebook, target = self.staging.find(address.files[1]), self.staging.place(address.files[0])
                todo.append((address, key, (notebook, around, target)))
        parts = [todo[first::number] for first in range(number)]
        work = "eldercare.publish.documents:render_files"
        jobs = [self.workers.submit(work, [files for *_page, files in part]) for part in parts]
        for part, job in zip(parts, jobs, strict=True):
            for (address, key, _files), page in zip(part, fetch(job), strict=True):
                self.state.pages[address] = replace(self.state.pages[address], shell_key=key, page_sha256=page)
        for name, text in (fetch(front) if front else {}).items():
            self.staging.write(f"site/{name}", text)
        self.state.site, site = {}, self.staging.root / "site"
        for name, text in scripts(site, self.project, self.labels):
            self.staging.write(f"site/assets/{name}", text)
        known = self.state.files()
        self.state.site = {n: file_digest(site / n) for n in keys.files_below(site) if f"site/{n}" not in known}

    def _shells(self) -> Iterator[tuple[PageAddress, Shell, str, bool]]:
        """Yield what surrounds each page, the digest of all that it is made from, and whether it stands in the site."""
        places = self._places()
        for address, page in self.state.pages.items():
            around = shell(address, self.labels, places, page.run_id, page.overrides, page.made, self.briefs)
            key = digest([asdict(around), page.notebook_sha256, code_digest("pages")])
            is_same = page.shell_key == key and keys.is_file(self.outputs / address.files[0], page.page_sha256)
            yield address, around, key, is_same

    def _places(self) -> dict[PageAddress, PageAddress]:
        """Return where pages are: each at its own address, or at that of the baseline's page that it would repeat."""
        asked, places = {*addresses(self.project, self.request)}, {address: address for address in self.state.pages}
        for address in addresses(self.project, Request()):
            twin = None if address in places else repeated(address, self.state, self.keys)
            if twin and (address in asked or not self.state.pages[twin].overrides):
                places[address] = twin
        return places

    def _front_key(self) -> str:
        tables = [[folder.name, record.parts] for folder, record in sorted(self.state.tables.items())]
        pages = [[address.stem, page.overrides] for address, page in sorted(self.state.pages.items())]
        pages += [[address.stem, place.stem] for address, place in sorted(self._places().items())]
        return digest([tables, pages, code_digest("pages"), self.keys.parts("", Reads())])

    def _front(self) -> Future | None:
        """Begin the front page from the tables; None when there are none."""
        self.state.front = self._front_key()
        scenarios = [name for name in self.project.scenarios if TableFolder(name) in self.state.tables]
        pages = {a: (place.stem, self.state.pages[place].overrides) for a, place in self._places().items()}
        date = max(page.made for page in self.state.pages.values())
        about = self.project.root, self.staging.root / "site" / "data", self.run_id, date, pages, scenarios, self.labels
        return self.workers.submit("eldercare.publish.front:front_pages", *about) if scenarios else None

    def _manifest(self) -> None:
        state = self.state
        state.reads = {page.reads: state.reads[page.reads] for page in state.pages.values()}
        files = {name for reads in state.reads.values() for name in reads.files}
        state.seen = self.keys.seen(replace(self.keys.everything(BASELINE), files=files))
        made = [folder.scenario for folder, record in state.tables.items() if record.run_id == self.run_id]
        made += [address.scenario for address in self.plan.execute]
        scenarios = [name for name in self.project.scenarios if name in made] or self.project.scenarios
        text = manifest_text(
            self.run_id,
            {name: self.keys.settings(name) for name in scenarios},
            state,
            request=asdict(self.request) | {"areas": self.request.areas or self.project.areas},
            inputs=self.keys.inputs,
            versions=keys.surroundings(),
            clock={"started": f"{self.started:%Y-%m-%dT%H:%M:%S%z}", "seconds": round(perf_counter() - self.clock, 1)},
        )
        self.staging.write(f"runs/{self.run_id}.json", text)
