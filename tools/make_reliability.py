"""Writes docs/reliability.md: puts malformed inputs and faults into real runs and writes down how each ended.

Usage: .venv/bin/python tools/make_reliability.py [--kills N]     (50 by default; takes about a quarter of an hour)

The cases are those of the tests: tests/fuzz/malformed.py, tests/site/faults.py, tests/publish/test_staging.py; pages
are run as in tests/report/conftest.py.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from make_docs import markdown_table

from eldercare.cli import main as command
from eldercare.inputs import InputError, Project, load_project
from eldercare.inputs.project import load_ahead
from eldercare.inputs.reads import recording

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fuzz import malformed  # noqa: E402  (found by the line above)
from tests.publish import test_staging as exchange  # noqa: E402
from tests.report.conftest import _run as run_notebook_code  # noqa: E402
from tests.site import faults  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
COMMAND = ".venv/bin/python tools/make_reliability.py"
SEED = 20260101
PARTS = ("kills", "faults", "repeated", "malformed", "bounds")
# Between calls with --only; disposable.
KEPT = ROOT / "outputs" / "reliability"


ASKED = (*faults.ASKED, "-q")


# ---- malformed inputs


def malformed_rows(folder: Path) -> list[list[str]]:
    """Try every malformed input; return for each kind how many there were, how they ended, and one example."""
    kinds: dict[str, list] = {}
    for number, case in enumerate(malformed.cases()):
        project = folder / f"m{number}"
        for name in ("config", "data/raw", "notebooks"):
            shutil.copytree(ROOT / name, project / name)
        case.make(project)
        status, said = in_process(project, case.command)
        kinds.setdefault(case.kind, []).append((case, status, said))
        shutil.rmtree(project)
    rows = []
    for kind, ended in kinds.items():
        good = sum(status == 2 and bool(said) and "Traceback" not in "".join(said) for _, status, said in ended)
        case, _, said = ended[len(ended) // 2]
        rows.append([kind, str(len(ended)), str(good), case.name, f"`{said[0].replace('`', '')}`"])
    return rows


def in_process(project: Path, words: tuple[str, ...]) -> tuple[int, list[str]]:
    """Run a command in this process; return its exit status and the lines of its errors."""
    error, here = io.StringIO(), Path.cwd()
    os.environ["ELDERCARE_ROOT"] = str(project)
    os.chdir(project)
    try:
        with contextlib.redirect_stderr(error), contextlib.redirect_stdout(io.StringIO()):
            status = command(words)
    except Exception as crash:  # what must not happen is counted, not hidden
        return -1, [f"Traceback {type(crash).__name__}: {crash}"]
    finally:
        os.chdir(here)
    return status, error.getvalue().splitlines()


# ---- values at their bounds


def turns(project: Project) -> Iterator[tuple[str, object]]:
    """Yield each parameter at both bounds, at nought where it is allowed, with every other word, and without draws."""
    for key, one in project.parameters.items():
        low, high = one.bounds
        values = [word for word in one.choices if word != one.value] or [low, high, *([0] if low < 0 < high else [])]
        values += [one.value] if one.interval else []
        yield from ((key, int(value) if one.integer else value) for value in values if key != "run.draws")


def bounds_rows(folder: Path) -> list[list[str]]:
    """Make every page that reads a parameter at each of its turns; return by notebook how many, and how they ended."""
    for name in ("config", "data/raw", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    os.environ["ELDERCARE_ROOT"] = str(folder)
    run, rows = run_notebook_code, []
    load_ahead(folder)
    project = load_project(folder)
    warnings.simplefilter("error", RuntimeWarning)
    warnings.simplefilter("error", UserWarning)
    for notebook in sorted((folder / "notebooks").glob("0*.ipynb")):
        given = {"area": "deqing", "scenario": "baseline", "language": "en", "overrides": {"run.draws": 20}}
        with recording(folder) as reads:
            run(notebook, given)
        ended, bad = {"made": 0, "refused": 0}, []
        read = {key for _, _, key in reads.parameters}
        for key, value in ((key, value) for key, value in turns(project) if key in read):
            try:
                run(notebook, given | {"overrides": {"run.draws": 20, key: value}})
                ended["made"] += 1
            except InputError:
                ended["refused"] += 1
            except Exception as error:  # what must not happen is counted, not hidden
                bad.append(f"{key}={value}: {type(error).__name__}: {error}")
        tried = sum(ended.values()) + len(bad)
        rows.append([notebook.stem, str(tried), *map(str, ended.values()), "; ".join(bad) or "none"])
        print(*rows[-1], file=sys.stderr, flush=True)
    return rows


# ---- faults


def injected(folder: Path, master: Path) -> Iterator[list[str]]:
    """Put each fault into a run of a published project; yield what it was, how the run ended, and what was left."""

    def project_of(name: str) -> Path:
        project = folder / name
        shutil.copytree(master, project)
        faults.set_run(project, "seed", 7)
        return project

    def row(fault: str, project: Path, before: dict[str, str], status: int, error: str) -> list[str]:
        line = error.strip().splitlines()[-1].replace(str(project) + "/", "") if error.strip() else ""
        same = faults.digests(project / "outputs") == before
        whole = not faults.complete(project)
        return [fault, str(status), f"`{line}`", "yes" if whole else "NO", "nothing" if same else "SOMETHING"]

    project = project_of("limit")
    before = faults.digests(project / "outputs")
    status, _, error = faults.run(project, *ASKED, before=faults.file_limit(60_000))
    yield row("no file may grow beyond 60 kB", project, before, status, error)

    project = project_of("full")
    outputs, aside = project / "outputs", project / "aside"
    size = sum(file.stat().st_size for file in outputs.rglob("*") if file.is_file()) / 1e6
    outputs.rename(aside)
    try:
        with faults.small_disk(outputs, size + 0.15):
            shutil.copytree(aside, outputs, dirs_exist_ok=True)
            before = faults.digests(outputs)
            status, _, error = faults.run(project, *ASKED)
            yield row("the disk of the outputs is full (a small file system)", project, before, status, error)
    except OSError as error:
        yield ["the disk of the outputs is full", "not tried", str(error), "", ""]

    project = project_of("readonly")
    before = faults.digests(project / "outputs")
    try:
        with faults.unwritable(project / "outputs"):
            status, _, error = faults.run(project, *ASKED)
        yield row("the outputs are read-only", project, before, status, error)
    except OSError as error:
        yield ["the outputs are read-only", "not tried", str(error), "", ""]

    project = project_of("failing")
    break_last_cell(project / "notebooks" / "03_beds.ipynb")
    before = faults.digests(project / "outputs")
    status, _, error = faults.run(project, *ASKED)
    yield row("a cell of a notebook fails", project, before, status, error)

    project = project_of("two")
    before = faults.digests(project / "outputs")
    first = faults.start(project, *ASKED)
    faults.wait_for(lambda: list((project / "outputs" / ".staging").glob("scratch")))
    status, _, error = faults.run(project, *ASKED)
    line = error.strip().replace(str(project) + "/", "")
    first.communicate()
    whole = "yes" if first.returncode == 0 and not faults.complete(project) else "NO"
    left = ", ".join(faults.left_behind(project)) or "nothing; the first run finished with status 0"
    yield ["a second run on the same outputs", str(status), f"`{line}`", whole, left]

    yield from interrupted(folder)


def break_last_cell(file: Path) -> None:
    """Make the last cell of a notebook fail."""
    notebook = json.loads(file.read_text(encoding="utf-8"))
    notebook["cells"][-1] |= {"source": ["1 / 0"], "id": "broken-cell", "metadata": {"tags": ["numbers"]}}
    file.write_text(json.dumps(notebook), encoding="utf-8")


def interrupted(folder: Path) -> Iterator[list[str]]:
    """Kill publications at each of their file operations, by each way of exchanging folders."""
    for swaps, how in ((True, "in one step"), (False, "by two renames, as on systems without that step")):
        steps, whole = killed_in_exchange(folder / f"exchange{swaps}", swaps)
        what = f"killed -9 at each of the {steps} file operations of a publication; folders exchanged {how}"
        yield [
            what,
            "-9",
            "",
            f"{whole} of {steps}",
            "the site is of one run, and all results are after the next run, every time",
        ]


def killed_in_exchange(folder: Path, swaps: bool) -> tuple[int, int]:
    """Kill a publication at each of its file operations; return how many there are and how often all was whole."""
    steps = whole = 0
    while True:
        outputs = folder / str(steps)
        exchange.make(outputs, "old")
        killed = exchange.killed_at(steps + 1, outputs, swaps)
        if not killed:
            return steps, whole
        steps += 1
        live = exchange.content(outputs / "site")
        exchange.recover(outputs)
        once = exchange.content(outputs / "site") in ({"old"}, {"new"}) and (live in ({"old"}, {"new"}) or not swaps)
        exchange.make(outputs, "newest")
        texts = {text for name in exchange.FOLDERS for text in exchange.content(outputs / name)}
        whole += once and texts == {"newest"} and exchange.files(outputs) == {*exchange.FILES}


# ---- repetition


def repeated(folder: Path, master: Path) -> Iterator[list[str]]:
    """Repeat the run of the published project in several ways; yield what was compared and what differed."""

    def compare(what: str, project: Path, but: Callable[[str], bool], remark: str) -> list[str]:
        one, two = faults.digests(master / "outputs"), faults.digests(project / "outputs")
        names = sorted(name for name in {*one, *two} if not but(name))
        differ = [name for name in names if one.get(name) != two.get(name)]
        return [what, str(len(names)), ", ".join(differ) or "nothing", remark]

    other = faults.small_project(ROOT, folder / "elsewhere" / "项目")
    faults.run(other, *ASKED)
    clock = "left out: the manifest, whose block `clock` holds start and seconds"
    manifest = lambda name: name.startswith("runs/0001")  # noqa: E731
    yield compare("the same inputs in another folder", other, manifest, clock)
    two = faults.small_project(ROOT, folder / "two" / "project")
    faults.run(two, *ASKED, "--workers", "2")
    yield compare("the same with two workers", two, manifest, "left out: the manifest, which names the workers too")

    project = folder / "again"
    shutil.copytree(master, project)
    (file,) = (project / "outputs" / "runs").glob("*.json")
    status, said, _ = faults.run(project, "run", "--manifest", str(file))
    numbered = lambda name: (  # noqa: E731
        name.startswith(("runs/", "site/")) or name.endswith(("run.txt", ".xlsx", "datapackage.json", ".lock"))
    )
    told = next((line for line in said.splitlines() if "repeated" in line), f"exit status {status}")
    remark = f"left out: what holds the run's number (foot of pages, workbook, datapackage.json). It says: {told}"
    yield compare("`eldercare run --manifest`", project, numbered, remark)
    status, said, _ = faults.run(project, "verify")
    yield ["`eldercare verify`", "7", "nothing" if status == 0 else "SOMETHING", said.strip().replace("\n", "; ")]


# ---- kill -9


def kills(folder: Path, number: int) -> dict[str, object]:
    """Kill runs at random moments; return what was not whole after which, and whether the next run mended all."""
    for name in ("eldercare.publish.publication", "papermill", "nbclient", "nbconvert", "ipykernel"):
        importlib.import_module(name)
    project = faults.small_project(ROOT, folder / "project")
    faults.short_notebook(project)
    whole = 600.0
    for seed in (1, 2):  # the first run fills what later ones find: the lasting parts of the site, compiled files
        faults.set_run(project, "seed", seed)
        begin = time.monotonic()
        assert faults.kill_forked(project, whole) == (False, 0)
        seconds = time.monotonic() - begin
    draw, faulty = random.Random(SEED), []
    for round_ in range(number):
        share = draw.random()
        # Another seed each time: every page and every table is to be made anew.
        for attempt in range(20):
            faults.set_run(project, "seed", 1000 + 100 * round_ + attempt)
            begin = time.monotonic()
            if faults.kill_forked(project, share * seconds)[0]:
                break
            # It ended first: the machine has become faster.
            seconds = time.monotonic() - begin
        faulty += [f"round {round_ + 1}: {one}" for one in faults.complete(project)]
        print(f"kill {round_ + 1} of {number} at {share:.0%}: {faulty[-1:] or 'whole'}", file=sys.stderr, flush=True)
    status, _, error = faults.run(project, *ASKED)
    mended = (status, error) == (0, "") and not faults.complete(project) and not faults.left_behind(project)
    return {"number": number, "faulty": faulty, "mended": mended}


def published(folder: Path) -> Path:
    """Return a small project that was published once."""
    project = faults.small_project(ROOT, folder / "master")
    status, _, error = faults.run(project, *ASKED)
    assert (status, error, faults.complete(project)) == (0, "", []), error
    return project


def measure(part: str, folder: Path, number: int) -> object:
    """Return what a part of the page says."""
    if part == "malformed":
        return malformed_rows(folder)
    if part == "kills":
        return kills(folder, number)
    if part == "bounds":
        return bounds_rows(folder)
    master = published(folder)
    if part == "faults":
        return list(injected(folder, master))
    return list(repeated(folder, master))


def before(title: str) -> list[list[str]]:
    """Return a section of the page as it stands; one that was never measured says so."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    _, found, rest = page.partition(f"\n## {title}\n")
    return [rest.partition("\n## ")[0].strip().split("\n")] if found else [["Not measured yet."]]


def text_of(found: dict) -> str:
    """Return the page; a part that was not measured now stays as it is."""
    blocks = [
        ["# Reliability"],
        [f"<!-- Made by tools/make_reliability.py; do not edit. To make it anew: {COMMAND} -->"],
        [
            "What was tried on the suite itself, and how it ended. (How good the projection is stands on the pages",
            "“Reliability” of the site.) Runs are real: one page, all tables and the workbook of a small project.",
        ],
    ]
    for part, (title, words) in SECTIONS.items():
        blocks += [[f"## {title}"], *(words(found[part]) if part in found else before(title))]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def kills_text(killed: dict) -> list[list[str]]:
    """Return the section on kills at random moments."""
    number, whole = killed["number"], killed["number"] - len({one.split(":")[0] for one in killed["faulty"]})
    return [
        [
            f"`kill -9` at {number} random moments of a run, spread over its length (seed {SEED}). Each run had a",
            "page (of a short notebook), all tables, the workbook and the front pages to make anew. It began with all",
            "libraries loaded. After each kill the site was opened as it stood: pages end as they should, every link",
            "leads to a file, and every page and table has the sha256 that the manifest of its run names.",
        ],
        markdown_table(
            ["killed while running", "site complete", "the next run finished, and left no temporary file"],
            [[str(number), str(whole), "yes" if killed["mended"] else "NO"]],
        ),
        [f"- {one}" for one in killed["faulty"]],
    ]


def faults_text(rows: list[list[str]]) -> list[list[str]]:
    """Return the section on faults."""
    return [
        ["Exit status: 1 when a run failed, 2 when it could not begin. *Changed*: what it changed in the outputs."],
        markdown_table(["fault", "exit status", "message", "site complete", "changed"], rows),
        [
            "Where folders cannot be exchanged in one step, the site is away between two renames; a kill in just that",
            "moment leaves it away until the next start. Linux exchanges them in one step.",
        ],
    ]


def repeated_text(rows: list[list[str]]) -> list[list[str]]:
    """Return the section on repeated runs."""
    return [markdown_table(["repeated", "files compared", "differ", "remark"], rows)]


def malformed_text(rows: list[list[str]]) -> list[list[str]]:
    """Return the section on malformed inputs."""
    total, good = (sum(int(row[i]) for row in rows) for i in (1, 2))
    return [
        [
            f"{total} malformed inputs of {len(rows)} kinds; {good} ended with exit status 2, one line for each fault",
            "and no traceback.",
        ],
        markdown_table(["kind", "tried", "ended well", "for example", "message"], rows),
    ]


def bounds_text(rows: list[list[str]]) -> list[list[str]]:
    """Return the section on values at their bounds."""
    return [
        [
            "Each parameter alone at both bounds, at nought where that is allowed, with every other word, and fixed at",
            "its value; each listed page of one county that reads it is made; a warning counts as a failure.",
            "*Refused*: one line, because the value does not go with another (a county's beds above the city's, years",
            "out of order). The page of scenarios is made with all of them at their bounds, by the tests.",
        ],
        markdown_table(["page", "tried", "made", "refused", "failed"], rows),
    ]


SECTIONS = {
    "kills": ("Killed at random moments", kills_text),
    "faults": ("Faults injected", faults_text),
    "repeated": ("Runs repeated", repeated_text),
    "malformed": ("Malformed inputs", malformed_text),
    "bounds": ("Values at their bounds", bounds_text),
}


def main(arguments: list[str]) -> int:
    """Make the page; exit status 1 when anything did not end as it should."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--kills", type=int, default=50)
    reader.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="take the other parts as last found")
    given = reader.parse_args(arguments)
    for part in given.only:
        with tempfile.TemporaryDirectory(prefix="reliability-") as name:
            result = measure(part, Path(name), given.kills)
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{part}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    files = {part: KEPT / f"{part}.json" for part in PARTS}
    found = {part: json.loads(file.read_text(encoding="utf-8")) for part, file in files.items() if file.is_file()}
    text = text_of(found)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(PAGE)
    return int(any(word in text for word in ("| NO", "SOMETHING", "Not measured")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
