"""Desk: an application for planners on this machine: try values, save them as a scenario, publish, look back.

What is being changed lies in the browser; each request carries it whole, and is answered from the files as they are.
Names of areas and scenarios are held against those there are; nothing else that comes in becomes a path or a word of a
command. Numbers go out as they are: the page's script writes them.
"""

import gc
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache, partial
from importlib import resources
from itertools import pairwise, product
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from eldercare.care.crossing import year_quantile
from eldercare.inputs.checks import input_problems
from eldercare.inputs.draft import drafted, opened, save
from eldercare.inputs.guards import as_json, read_json
from eldercare.inputs.layers import check_names, resolve
from eldercare.inputs.models import DENOMINATORS, EVIDENCE, UNITS, Strict, check
from eldercare.inputs.problems import InputError, Problem, _, refuse
from eldercare.inputs.project import ROOT_VARIABLE, Project, load_project
from eldercare.inputs.scenarios import text_of
from eldercare.inputs.strict_yaml import Document
from eldercare.inputs.tables import state
from eldercare.model.comparison import YEARS, measured
from eldercare.model.draws import QUANTILES, spread, total
from eldercare.model.results import Results
from eldercare.publish.manifest import manifests, newest, news
from eldercare.publish.pages import FRONT, LANGUAGE_TAGS
from eldercare.publish.serve import Files, Guard, Server, cookie
from eldercare.report.text import catalogue, names

# Draws of an answer: enough to judge by, and there at once. What is published has those of the configuration.
DRAWS = 200
# Answers that are kept, bytes of a request, seconds in which a cancelled run must have ended, and runs that are listed.
KEPT, MOST_BYTES, PATIENCE, LISTED = 64, 1_000_000, 15, 12
ACTIONS = ("about", "answer", "save", "publish", "progress", "cancel")


class Asked(Strict):
    """What a request may carry: areas, scenarios to publish, drafts, the digest of the file that one was read from."""

    areas: list[str] = []
    scenarios: list[str] = []
    drafts: list[dict[str, Any]] = []
    before: str = ""


def figures(run: Results) -> dict[str, np.ndarray]:
    """Return the draws of what the desk shows of a run's area beside what is compared: ratios, workers, yuan."""
    near, target = run.position(run.near_year), run.position(run.target_year)
    plans, ratio = [county.plan for county in run.within()], run.bed_ratio()
    yuan = [(key[1], of) for plan in plans for key, of in plan.costs["plan"].items()]
    capital, running = (total(of for use, of in yuan if use == name) for name in ("capital", "running"))
    workers = total(np.asarray(plan.items["care_workers"].wanted) for plan in plans)
    own = {"ratio_near": ratio[near], "ratio_target": ratio[target], "workers": workers[target]}
    return measured(run, run.area) | own | {"capital": capital[: target + 1].sum(axis=0), "running": running[target]}


def told(name: str, draws: np.ndarray, first: np.ndarray) -> dict[str, float | None]:
    """Return a result's central value and 80% interval, and its mean difference to the first draft's; None: never."""
    if name in YEARS:
        years = (year_quantile(draws, QUANTILES[q]) for q in ("p50", "p10", "p90"))
        return dict(zip(("value", "low", "high"), (y if np.isfinite(y) else None for y in years), strict=True))
    mean, low, _middle, high = map(float, spread(draws).values())
    change = float(np.mean(draws - first)) if draws.shape == first.shape else None
    return {"value": mean, "low": low, "high": high, "change": change}


class Job:
    """A run as anyone would start it, in a process of its own under the lock of its outputs; its lines as they come."""

    def __init__(self, root: Path, asked: Asked, language: str):
        self.asked, self.lines = asked, list[str]()
        self.status: int | None = None
        words = ["run", "--area", *asked.areas, "--scenario", *asked.scenarios]
        variables = {ROOT_VARIABLE: str(root), "ELDERCARE_LANGUAGE": language, "PYTHONIOENCODING": "utf-8"}
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        # In a session of its own: Ctrl+C ends the desk, which then ends the run.
        pipes |= {"cwd": root, "env": os.environ | variables, "start_new_session": True}
        self.process = subprocess.Popen([sys.executable, "-m", "eldercare", *words], encoding="utf-8", **pipes)
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        with self.process as process:
            self.lines.extend(line.rstrip() for line in process.stdout or ())
        self.status = self.process.returncode

    def cancel(self) -> None:
        """End the run as Ctrl+C does, which leaves the last site; one that does not heed that is ended all the same."""
        if self.status is None:
            self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
            self._thread.join(PATIENCE)
            self.process.kill()
            self._thread.join()


class Desk:
    """The answers of the desk about one project, as plain values."""

    def __init__(self, root: Path):
        self.root, self.lock = root, Lock()
        self.job: Job | None = None
        self._seen, self._draws = "", dict[tuple[str, str], dict[str, np.ndarray]]()

    @property
    def project(self) -> Project:
        """The project as its files are now; InputError with their faults."""
        if (now := state(self.root)) != self._seen:
            project = load_project(self.root)
            refuse(input_problems(project))
            self._project, self._seen, self._draws = project, now, {}
            gc.freeze()  # what stays is not looked through after each answer
        return self._project

    def do(self, action: str, language: str, asked: Asked) -> dict[str, Any]:
        """Return the answer to a request; InputError where it names what is not there, or asks for what cannot be."""
        project = self.project
        problems = check_names(project, asked.areas, asked.scenarios)
        needed = {"answer": "areas drafts", "save": "drafts", "publish": "areas scenarios"}.get(action, "").split()
        missing = _("is missing and must be given")
        problems += [Problem("desk", name, message=missing) for name in needed if not getattr(asked, name)]
        refuse(problems)
        if action == "about":
            return self.about(project, language)
        if action == "answer":
            return self.answer(project, asked)
        if action == "save":
            return {"name": save(project, asked.drafts[0], asked.before)}
        if action == "publish":
            if self.job and self.job.status is None:
                message, hint = _("another run is writing here"), _("wait until it has finished")
                raise InputError(Problem("outputs", message=message, hint=hint))
            self.job = Job(self.root, asked, language)
        if action == "cancel" and self.job:
            self.job.cancel()
        return self.progress()

    def about(self, project: Project, language: str) -> dict[str, Any]:
        """Return everything that the page is drawn from and no draft changes."""
        front, city, parameters = f"site/{FRONT[language]}", project.city, project.parameters
        return {
            "words": {key: both[language] for key, both in catalogue().items() if key.startswith(("desk.", "page."))},
            "names": names(project, language),
            "areas": {area: project.label(area, language) for area in project.areas},
            "scenarios": {name: opened(project, name) for name in project.scenarios},
            "parameters": {k: dict(p) | {"bounds": None if p.choices else p.bounds} for k, p in parameters.items()},
            "sources": {name: one.title for name, one in project.sources.items()},
            "lists": {"units": UNITS, "denominators": DENOMINATORS, "evidence": EVIDENCE},
            "chinese": {both["en"]: both["zh"] for both in city.chinese} if language == "zh" else {},
            "draws": [DRAWS, parameters["run.draws"].value],
            "front": f"/{front}" if (self.root / "outputs" / front).is_file() else "",
            "history": history(project, language),
        }

    def answer(self, project: Project, asked: Asked) -> dict[str, Any]:
        """Return what follows from each draft in an area, beside the first, and the values in force in the last one."""
        area, content = asked.areas[0], asked.drafts[-1]
        every = [self._figures(project, area, draft) for draft in asked.drafts]
        rows = {name: [told(name, draws[name], every[0][name]) for draws in every] for name in every[0]}
        settings = resolve(drafted(project, content), area, content["scenario"]).all
        values = {k: vars(one) | {"parameter": k, "trail": [*map(vars, one.trail)]} for k, one in settings.items()}
        return {"rows": rows, "values": values}

    def _figures(self, project: Project, area: str, content: dict[str, Any]) -> dict[str, np.ndarray]:
        key = area, text_of(content)
        if key not in self._draws:
            draft, name = drafted(project, content), content["scenario"]
            draws = min(DRAWS, resolve(draft, area, name).integer("run.draws"))
            self._draws[key] = figures(Results(area, name, {"run.draws": draws}, draft))
            for old in list(self._draws)[:-KEPT]:
                del self._draws[old]
            gc.collect()  # a run and its counties refer to each other, and are large
        return self._draws[key]

    def progress(self) -> dict[str, Any]:
        """Return what the run has said, and the pages there are once it has ended well."""
        if not (job := self.job):
            return {}
        pages = [page.stem for page in sorted(newest(self.root / "outputs").pages)] if job.status == 0 else []
        return {"lines": job.lines, "status": job.status, "asked": dict(job.asked), "pages": pages}


@lru_cache(maxsize=2 * LISTED)
def _of_run(file: Path) -> dict[str, Any]:
    """Return what is told of a run from its manifest, which does not change; nothing of a damaged one."""
    with suppress(InputError, LookupError, TypeError, AttributeError):
        whole = read_json(file, file.name)
        pages = sum(page["run_id"] == whole["run_id"] for page in whole["state"]["pages"].values())
        headlines = {name: one["headline"] for name, one in whole["state"]["tables"].items() if one.get("headline")}
        asked = {name: whole["request"][name] for name in ("areas", "scenarios")}
        return asked | {"run": whole["run_id"], "started": whole["clock"]["started"], "pages": pages, "told": headlines}
    return {}


def history(project: Project, language: str) -> list[dict[str, Any]]:
    """Return the last runs, the newest first, each with what has changed in the headline since the one before."""
    runs = [*filter(None, map(_of_run, manifests(project.root / "outputs")[: LISTED + 1])), {"told": {}}]
    pairs = list(pairwise(runs))[:LISTED]
    return [new | {"told": news(project, old["told"], new["told"], language)} for new, old in pairs]


def application(desk: Desk, token: str) -> Guard:
    """Return the desk as an application; whoever has not the token gets 403."""
    package = Path(str(resources.files("eldercare")))
    page = (package / "publish" / "assets" / "desk.html").read_text(encoding="utf-8")

    async def show(language: str, request: Request) -> Response:
        if "token" not in request.query_params and request.url.path != "/":
            return HTMLResponse(page.replace("{language}", LANGUAGE_TAGS[language]))
        # Kept where no address, no history and no script has it.
        answer = RedirectResponse(f"/{language}/", 303)
        answer.set_cookie(cookie(request), token, httponly=True, samesite="strict")
        return answer

    async def act(action: str, language: str, request: Request) -> Response:
        def done(body: bytes) -> dict[str, Any]:
            asked = check(Asked, Document("desk", as_json(body, "desk")))
            with desk.lock:  # one after the other
                return desk.do(action, language, asked)

        try:
            if int(request.headers.get("Content-Length", MOST_BYTES)) >= MOST_BYTES:
                raise InputError(Problem("desk", message=_("larger than {size:,} bytes", size=MOST_BYTES)))
            return JSONResponse(await run_in_threadpool(done, await request.body()))
        except InputError as error:
            problems = [{"key": one.key, "told": one.told(language)} for one in error.problems]
            return JSONResponse({"problems": problems}, 422)

    folders = {"/assets/fonts": package / "report/fonts", "/assets": package / "publish/assets"}
    folders["/site"] = desk.root / "outputs" / "site"
    mounts = [Mount(place, Files(folder)) for place, folder in folders.items()]
    pages = [Route(f"/{name}/", partial(show, name)) for name in LANGUAGE_TAGS]
    every = product(LANGUAGE_TAGS, ACTIONS)
    calls = [Route(f"/api/{name}/{action}", partial(act, action, name), methods=["POST"]) for name, action in every]
    return Guard(Starlette(routes=[Route("/", partial(show, "zh")), *pages, *calls, *mounts]), token)


def desk(root: Path, port: int, *, browser: bool) -> None:
    """Serve the desk of a project until the user interrupts, and open the browser when asked to."""
    about, token = Desk(root), secrets.token_urlsafe(32)
    with Server(application(about, token), port) as running:
        try:
            running.show(f"?token={token}", browser)
        finally:
            if about.job:
                about.job.cancel()
