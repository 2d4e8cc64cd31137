"""All benchmarks: prints ratios from one run, and writes docs/performance.md with --write. Usage: make bench.

Every figure is the median of three rounds; rounds of what is compared take turns, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import http.client
import io
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import metadata
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, sleep
from urllib.parse import SplitResult, urlsplit

import numpy as np
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from scale import KEEP_MEMORY, element_steps, peak_memory, scale

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
AREAS = ("huzhou", "wuxing", "nanxun", "deqing", "changxing", "anji")
COUNTY = "deqing"
SCENARIO, LANGUAGES = "baseline", ("en", "zh")
WORKERS = 2
# Counties and draws of the largest country that is measured here and on Dask.
LARGE = (240, 1000)
FACT = "facts:\n  meals.uptake: {set: 0.12, interval: none, evidence: assumption, source: none, locator: benchmark}\n"
# How much a ratio may grow before it is told, and how many of the heaviest dependencies are.
MARGIN, HEAVIEST = 0.1, 10
Row = tuple[str, str, str]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def rounds(number: int, **works: Callable[[], object]) -> dict[str, float]:
    """Return the median seconds of several pieces of work that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(number):
        for name, work in works.items():
            seconds[name].append(timed(work))
    return {name: statistics.median(values) for name, values in seconds.items()}


def project_copy(folder: Path) -> Path:
    """Return a copy of the inputs, without results."""
    for name in ("config", "data/raw", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def run(root: Path, *arguments: str) -> None:
    """Call ``eldercare run`` in a project, for one scenario."""
    command = [BIN / "eldercare", "run", "-q", "--scenario", SCENARIO, "--workers", str(WORKERS), *arguments]
    subprocess.run(command, cwd=root, check=True)


def first_page() -> float:
    """Return the seconds until ``eldercare run --area deqing`` has brought out a page where nothing was ever made."""
    with tempfile.TemporaryDirectory() as folder:
        root = project_copy(Path(folder))
        begin = perf_counter()
        command = [BIN / "eldercare", "run", "-q", "--area", COUNTY]
        # Started by a shell in the background this would ignore interrupts, and its child as well.
        process = subprocess.Popen(
            command,
            cwd=root,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 (one call)
        )
        while process.poll() is None and not (root / "outputs" / "site" / "index.html").is_file():
            sleep(0.01)
        seconds = perf_counter() - begin
        # The rest of its pages is not waited for.
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1].decode()
        if "interrupted" not in said:
            raise SystemExit(f"no page: {said}")
        return seconds


def all_pages() -> float:
    """Return the seconds of all pages of a county in one scenario where nothing was ever made."""
    with tempfile.TemporaryDirectory() as folder:
        root = project_copy(Path(folder))
        return timed(lambda: run(root, "--area", COUNTY))


def units() -> list[tuple[str, str, str]]:
    """Return (notebook, area, language) of the pages that are compared."""
    names = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
    return [(name, area, language) for name in names for area in AREAS for language in LANGUAGES]


def plain_loop(root: Path, part: list[tuple[str, str, str]]) -> None:
    """Make pages as the two command lines do: papermill, then nbconvert, one after the other."""
    out = root / "loop"
    out.mkdir(exist_ok=True)
    for name, area, language in part:
        parameters = [*("-p", "area", area), *("-p", "scenario", SCENARIO), *("-p", "language", language)]
        target = out / f"{name}-{area}-{language}.ipynb"
        command = [BIN / "papermill", root / "notebooks" / f"{name}.ipynb", target, *parameters, "--no-progress-bar"]
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        command = [BIN / "jupyter-nbconvert", "--to", "html", "--no-input", target]
        subprocess.run(command, cwd=root, check=True, capture_output=True)


def cells(unit: tuple[str, str, str]) -> None:
    """Run the cells of a notebook as plain Python, the results shown as a notebook would."""
    name, area, language = unit
    space = {"area": area, "scenario": SCENARIO, "overrides": {}, "language": language}
    node = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in node["cells"]:
            if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", ()):
                source = "".join(cell["source"])
                tree = ast.parse(source)
                shown = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
                exec(compile(tree, name, "exec"), space)
                if shown is not None:
                    value = eval(compile(shown, name, "eval"), space)
                    if hasattr(value, "_repr_html_"):
                        value._repr_html_()


def floor(root: Path) -> None:
    """Run the cells of all pages as plain Python in two workers, which is what no runner can be faster than."""
    os.environ["ELDERCARE_ROOT"] = str(root)
    try:
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
            list(pool.map(cells, units()))
    finally:
        del os.environ["ELDERCARE_ROOT"]


def suite(number: int) -> list[Row]:
    """Compare the runner with the plain loop and with the floor; then rerun after a change, and without one."""
    first, own = zip(*((first_page(), all_pages()) for _ in range(number)), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        root = project_copy(Path(folder))
        every = units()
        some = [unit for unit in every if unit[1] == COUNTY and unit[2] == LANGUAGES[0]]
        # What is remembered in .cache is there for all three, so that the runner alone is compared.
        run(root)
        found = rounds(
            number, runner=lambda: run(root, "--force"), floor=lambda: floor(root), loop=lambda: plain_loop(root, some)
        )
        loop = found["loop"] * len(every) / len(some)
        nothing = rounds(number, nothing=lambda: run(root))["nothing"]
        seconds = []
        for at in range(number):
            file = root / "config" / "counties" / f"{COUNTY}.yaml"
            text = file.read_text(encoding="utf-8").split("facts:")[0] + FACT.replace("0.12", f"0.1{at + 2}")
            file.write_text(text, encoding="utf-8")
            seconds.append(timed(lambda: run(root)))
        changed = statistics.median(seconds)
    count = len(every)
    return [
        (f"{count} pages, their cells as plain Python, {WORKERS} workers (floor)", f"{found['floor']:.1f} s", "1"),
        (f"{count} pages, `eldercare run`", f"{found['runner']:.1f} s", f"{found['runner'] / found['floor']:.2f}"),
        (
            f"{count} pages, papermill then nbconvert, one by one (scaled from {len(some)})",
            f"{loop:.0f} s",
            f"{loop / found['floor']:.1f}; {loop / found['runner']:.1f} times the runner",
        ),
        ("rerun, one county's uptake of meals changed", f"{changed:.1f} s", f"{changed / found['floor']:.2f}"),
        ("rerun, nothing changed", f"{nothing:.1f} s", f"{nothing / found['floor']:.2f}"),
        *(
            (what, f"{statistics.median(times):.1f} s", f"{statistics.median(times) / found['floor']:.2f}")
            for what, times in (
                (f"`eldercare run --area {COUNTY}` from cold, first page to read", first),
                (f"all {2 * len(some)} pages of {COUNTY} in one scenario, from cold", own),
            )
        ),
    ]


def bandwidth() -> float:
    """Return bytes per second of a copy in memory that no cache holds."""
    source = np.ones(32 * 2**20)
    target = np.empty_like(source)
    return 2 * source.nbytes / min(timed(lambda: np.copyto(target, source)) for _ in range(5))


def engine(number: int) -> list[Row]:
    """Measure the model's projection against one draw at a time and against the machine's memory."""
    from eldercare.inputs import load_project
    from eldercare.model import Run
    from eldercare.model.demography import BLOCK, draw_county, project_county

    draws, years = 10_000, 30
    run_ = Run("huzhou", SCENARIO, {"run.draws": draws}, load_project(ROOT))
    start, counties = run_.start, tuple(run_.counties)
    times = run_.launch_year + np.arange(years + 1)
    made = {}

    def drawn(county: str):
        return draw_county(start, run_.counties[county].drawer, county, run_.project.tables, times)

    def project(county: str, size: int | None = None, block: int = BLOCK) -> None:
        part = made[county] if size is None else made[county].block(slice(0, size))
        project_county(run_.counties[county].settings, part, start.trend.bx, start.launch.of(county), times, block)

    drawing = timed(lambda: made.update({county: drawn(county) for county in counties}))
    few = 100
    found = rounds(
        number, model=lambda: [project(county) for county in counties], loop=lambda: [project(counties[0], few, 1)]
    )
    steps = 2 * element_steps(len(counties), draws, years)
    loop = found["loop"] * len(counties) * draws / few
    speed, copy = steps / found["model"], bandwidth()
    # Population, survival, migrants and deaths of a step, 8 bytes each, would go through memory once.
    limit = copy / (4 * 8)
    return [
        (
            f"{len(counties)} counties x {draws:,} draws x {years} years, both bases, one core",
            f"{found['model']:.1f} s",
            f"{speed / 1e6:.0f} million element-steps/s",
        ),
        ("the same, one draw at a time (scaled)", f"{loop:.0f} s", f"{loop / found['model']:.0f} times the model"),
        ("drawing their parameters", f"{drawing:.1f} s", f"{drawing / found['model']:.2f} of the projection"),
        (
            "memory of the machine: copy",
            f"{copy / 1e9:.1f} GB/s",
            f"the model does {speed / limit:.2f} of what one pass through memory per array would allow",
        ),
        ("peak memory", f"{peak_memory() / 2**30:.2f} GB", ""),
    ]


def growth(number: int) -> list[Row]:
    """Measure how time grows with counties and with draws, on this machine and on a cluster of two processes."""
    from eldercare.inputs import load_project

    project = load_project(ROOT)

    def median(counties: int, draws: int, address: str = "") -> tuple[float, int]:
        results = []
        seconds = statistics.median(
            timed(lambda: results.append(scale(project, counties, draws, 30, WORKERS, address))) for _ in range(number)
        )
        return seconds, results[-1].memory

    rows, base, seconds = [], None, 0.0
    for counties, draws in ((60, 250), (120, 250), (240, 250), (60, 1000), LARGE):
        seconds, memory = median(counties, draws)
        base = base or seconds
        times = counties * draws / (60 * 250)
        rows.append(
            (
                f"{counties} counties x {draws} draws, {WORKERS} workers",
                f"{seconds:.1f} s",
                f"{seconds / base:.2f} for {times:.0f} times the work; {memory / 2**30:.2f} GB",
            )
        )
    try:
        import dask
        from distributed import LocalCluster
    except ImportError:
        return [*rows, ("Dask", "not installed", "")]
    local, own = seconds, "distributed.nanny.pre-spawn-environ"
    for words, variables in (("as Dask sets them up", {}), ("that keep memory", KEEP_MEMORY)):
        options = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": None}
        with dask.config.set({f"{own}.{k}": v for k, v in variables.items()}), LocalCluster(**options) as cluster:
            far, _ = median(*LARGE, cluster.scheduler_address)
        what = f"{LARGE[0]} counties x {LARGE[1]} draws, Dask on two processes {words}"
        rows.append((what, f"{far:.1f} s", f"{far / local:.2f} of local"))
    return rows


def country(number: int) -> list[Row]:
    """Measure the scale run over as many counties as the country has, each time in a process of its own."""
    size = ("--counties", "2844", "--draws", "1000", "--workers", str(WORKERS))
    command = [sys.executable, ROOT / "benchmarks" / "scale.py", *size]
    seconds, said = [], ""
    for _ in range(number):
        begin = perf_counter()
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        seconds.append(perf_counter() - begin)
        said = done.stdout
    memory = re.search(r"([\d.]+) GB", said)
    return [
        (
            f"2,844 counties x 1,000 draws x 30 years, {WORKERS} workers",
            f"{statistics.median(seconds):.0f} s",
            f"peak memory {memory[1] if memory else '?'} GB",
        )
    ]


def _ask(address: SplitResult, action: str, **asked: object) -> dict:
    """Return what the desk at an address with a token answers."""
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    connection.request("POST", f"/api/en/{action}?{address.query}", json.dumps(asked))
    return json.loads(connection.getresponse().read())


def desk(number: int) -> list[Row]:
    """Measure the planner's desk: how soon it is there, and how soon it answers to a changed value."""
    begun, seconds, memory = [], dict[str, list[float]](), 0
    # What answers quickly, and what moves people and so takes longest.
    keys = {"other values": ("beds.norm", 40, 60), "values of people": ("mortality.drift_factor", 0.5, 1.5)}
    with tempfile.TemporaryDirectory() as folder:
        root = project_copy(Path(folder))
        for _ in range(number):
            begin = perf_counter()
            command = [BIN / "eldercare", "desk", "--no-browser"]
            with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
                ask = partial(_ask, urlsplit(process.stdout.readline().split()[0]))
                begun.append(perf_counter() - begin)

                draft = ask("about")["scenarios"][SCENARIO]["content"]
                ground = {"why": draft["label"], "source": "none", "locator": "benchmark", "evidence": "assumption"}
                for area, (kind, (key, low, high)) in product((AREAS[0], COUNTY), keys.items()):
                    asked, name = {"areas": [area], "drafts": [draft]}, "the city" if area == AREAS[0] else "a county"
                    ask("answer", **asked)
                    for value in np.linspace(low, high, 21):
                        change = {key: {"set": float(value), "interval": "none"} | ground}
                        asked["drafts"] = [draft, draft | {"changes": change}]
                        taken = timed(partial(ask, "answer", **asked))
                        seconds.setdefault(f"{name}, {kind}", []).append(taken)
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
                memory = max(memory, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))
                process.send_signal(signal.SIGTERM)
    rows = [("from the command to the address", f"{statistics.median(begun):.1f} s", f"{memory / 1e6:.2f} GB at most")]
    for name, taken in seconds.items():
        most = np.quantile(taken, 0.95)
        rows.append((f"answer to a changed value, {name}", f"{statistics.median(taken):.2f} s", f"{most:.2f} s"))
    return rows


def weight(_number: int) -> list[Row]:
    """Weigh what is installed: the package's dependencies one by one, each with what only it needs."""
    needs = {}
    stack = _needed("eldercare")
    while stack:
        if (name := stack.pop()) not in needs:
            needs[name] = _needed(name)
            stack += needs[name]
    size = {name: _bytes(name) for name in needs}

    def reached(roots: Iterable[str]) -> set[str]:
        found: set[str] = set()
        stack = [*roots]
        while stack:
            if (name := stack.pop()) not in found:
                found.add(name)
                stack += needs[name]
        return found

    direct = sorted(_needed("eldercare"))
    alone = {name: reached(direct) - reached(other for other in direct if other != name) for name in direct}
    mega = {name: sum(size[one] for one in of) / 1e6 for name, of in alone.items()}
    heaviest = sorted(direct, key=lambda name: -mega[name])[:HEAVIEST]
    shared = sorted(set(needs) - {one for of in alone.values() for one in of}, key=lambda one: -size[one])
    large, both = ", ".join(shared[:HEAVIEST]), sum(size[one] for one in shared)
    rows = [
        (f"all {len(needs)} distributions", f"{sum(size.values()) / 1e6:.0f} MB", f"{len(direct)} asked for"),
        (f"{len(shared)} that several ask for", f"{both / 1e6:.0f} MB", f"the largest: {large}"),
    ]
    return rows + [(name, f"{mega[name]:.0f} MB", ", ".join(sorted(alone[name] - {name}))) for name in heaviest]


def _needed(name: str) -> list[str]:
    """Return the installed distributions that one asks for, without those of extras."""
    asked = [Requirement(text) for text in metadata.requires(name) or ()]
    names = {canonicalize_name(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}
    return sorted(names & {canonicalize_name(str(one.metadata["Name"])) for one in metadata.distributions()})


def _bytes(name: str) -> int:
    """Return the size of a distribution's files, without compiled copies."""
    files = (Path(str(file.locate())) for file in metadata.files(name) or () if file.suffix != ".pyc")
    return sum(file.stat().st_size for file in files if file.is_file())


def slower(before: str, now: str) -> list[str]:
    """Return the rows whose ratio has grown by more than a tenth since another report, in words.

    Compared are tables whose last column is a multiple of a row of the same run, which no machine moves.
    """
    old, new = (_ratios(text) for text in (before, now))
    return [
        f"slower: {what}, {new[what]:.2f} where it was {old[what]:.2f}"
        for what in new
        if what in old and new[what] > old[what] * (1 + MARGIN)
    ]


def _ratios(report: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in report.split("\n## "):
        if re.search(r"^\| what \| median \| x ", part, re.M):
            for what, ratio in re.findall(r"^\| (.+?) \| [\d.]+ s \| ([\d.]+)", part, re.M):
                # The number of pages changes with every notebook.
                found[re.sub(r"^(all )?\d+ pages", "pages", what)] = float(ratio)
    return found


def machine() -> str:
    """Return the machine in general terms."""
    name = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{cores} cores ({name or platform.machine()}), Python {platform.python_version()}{load}"


def table(rows: list[Row], last: str) -> str:
    """Return rows as Markdown."""
    lines = [f"| what | median | {last} |", "|---|---|---|", *("| " + " | ".join(row) + " |" for row in rows)]
    return "\n".join(lines)


def main() -> None:
    """Run the benchmarks and print, or write, the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default: 3)")
    arguments.add_argument("--write", action="store_true", help="write docs/performance.md")
    given = arguments.parse_args()
    about = machine()
    parts = [
        "# Performance",
        "",
        f"`make bench`, medians of {given.rounds} rounds. {about}. Ratios hold; times move.",
        "",
    ]
    for title, last, measure in (
        ("The runner", "x floor", suite),
        ("The numeric engine", "ratio", engine),
        ("Growth", "x first row", growth),
        ("The country", "memory", country),
        ("The planner's desk", "95% within; memory", desk),
        ("Weight of the environment", "what only it brings", weight),
    ):
        text = table(measure(given.rounds), last)
        print(f"\n{title}\n{text}", flush=True)
        parts += [f"## {title}", "", text, ""]
    file, report = ROOT / "docs" / "performance.md", "\n".join(parts).rstrip() + "\n"
    print("\n".join(["", *(slower(file.read_text(encoding="utf-8"), report) or ["nothing became slower"])]))
    if given.write:
        file.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
