"""A small project that is published in seconds, and faults put into its runs; for tests and docs/reliability.md."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from eldercare.cli import main

ASKED = ("run", "--area", "deqing", "--scenario", "baseline", "--language", "en", "--workers", "1")


def small_project(root: Path, target: Path, notebooks: tuple[str, ...] = ("03_beds",)) -> Path:
    """Return a copy of the inputs with two counties, few years and draws, one scenario and few notebooks."""
    for folder in ("config", "data/raw"):
        shutil.copytree(root / folder, target / folder)
    (target / "notebooks").mkdir()
    for name in notebooks:
        shutil.copy(root / "notebooks" / f"{name}.ipynb", target / "notebooks")
    for file in (target / "config" / "scenarios").glob("*.yaml"):
        if file.stem != "baseline":
            file.unlink()
    set_run(target, "draws", 20)
    shorten(target, 2030, near_year=2028, target_year=2030)
    keep_counties(target)
    return target


# What adds up in the city's tables, with what the counties that are kept add up to.
SUMS = {
    "census_totals": {"2893542": "1248954", "3367579": "1564505"},
    "resident_population": {"3407000": "1589000", "2249000": "1143000"},
    "registered_population": {"2570000": "1000000"},
    "geography": {"5827": "1799"},
}


def keep_counties(project: Path) -> None:
    """Let a city consist of Deqing and Wuxing, of whom it has the sum: half the areas tell as much about publishing."""
    gone = sorted({file.stem for file in (project / "config/counties").glob("*.yaml")} - {"deqing", "wuxing"})
    for name in gone:
        (project / "config" / "counties" / f"{name}.yaml").unlink()
    city, raw = project / "config" / "city.yaml", project / "data" / "raw"
    tile = rf"    ({'|'.join(gone)}): .*\n"
    city.write_text(re.sub(tile, "", city.read_text(encoding="utf-8")), encoding="utf-8")
    for file in raw.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        text = "".join(line for line in lines if line.split(",")[0] not in gone)
        for whole, kept in SUMS.get(file.stem, {}).items():
            assert text.count(f",{whole},") == 1, (file.name, whole)
            text = text.replace(f",{whole},", f",{kept},")
        file.write_text(text, encoding="utf-8")


def shorten(project: Path, last: int, **years: int) -> None:
    """Let a project end in an earlier year: fewer rows tell as much; ``years`` are other years of the city's file."""
    run, city = (project / "config" / name for name in ("parameters/run.yaml", "city.yaml"))
    text, times = re.subn(r"\[2050, 2100\]", f"[{last}, 2100]", run.read_text(encoding="utf-8"))
    assert times == 1
    run.write_text(text, encoding="utf-8")
    set_run(project, "horizon", last)
    text = city.read_text(encoding="utf-8")
    for name, year in years.items():
        text, times = re.subn(rf"(?m)^{name}: \d+", f"{name}: {year}", text)
        assert times == 1
    milestones = {2020, 2025, 2030, 2035, 2040, *years.values()}
    shown = ", ".join(str(year) for year in sorted(milestones) if year <= last)
    text, times = re.subn(r"(?m)^milestones: .*", f"milestones: [{shown}]", text)
    assert times == 1
    city.write_text(text, encoding="utf-8")


def set_run(project: Path, name: str, value: int) -> None:
    """Change one of the run's own parameters in its file."""
    file = project / "config" / "parameters" / "run.yaml"
    text, times = re.subn(
        rf"(run\.{name}:\n(?:  .*\n)*?  value: )\d+", rf"\g<1>{value}", file.read_text(encoding="utf-8")
    )
    assert times == 1
    file.write_text(text, encoding="utf-8")


def start(project: Path, *words: str, before: str = "") -> subprocess.Popen[str]:
    """Start the command line in a process of its own; ``before`` is Python that is run first."""
    program = f"{before}\nimport sys\nfrom eldercare.cli import main\nsys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"ELDERCARE_ROOT": str(project), "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env=environment, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(project: Path, *words: str, before: str = "") -> tuple[int, str, str]:
    """Run the command line to its end; return exit status, output and errors."""
    process = start(project, *words, before=before)
    out, error = process.communicate(timeout=600)
    return process.returncode, out, error


def here(project: Path, *words: str) -> tuple[int, str, str]:
    """Run the command line to its end in this process, whose fork server stays; return as :func:`run` does."""
    out, error = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(error):
        patch.setenv("ELDERCARE_ROOT", str(project))
        patch.setenv("LC_ALL", "C.UTF-8")
        return main([*words]), out.getvalue(), error.getvalue()


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, but for logs, which each run adds to."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".log"
    }


class _Links(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        assert text.rstrip().endswith("</html>"), "a page that is cut off"

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src") and value]


def complete(project: Path) -> list[str]:
    """Return what is not whole in the published site; an empty list when it opens and nothing is missing.

    Every page ends as it should, every link leads to a file, every file is the one that the manifest of the run names.
    """
    site = project / "outputs" / "site"
    if not (site / "index.html").is_file():
        return ["no front page"]
    faults = []
    for page in site.rglob("*.html"):
        try:
            links = _Links(page.read_text(encoding="utf-8")).found
        except (AssertionError, UnicodeDecodeError) as error:
            faults.append(f"{page.name}: {error}")
            continue
        for link in links:
            path = urldefrag(unquote(link))[0]
            if path and not re.match(r"[a-z]+:", path) and not (page.parent / path).is_file():
                faults.append(f"{page.name}: {link} leads nowhere")
    run_id = (site / "run.txt").read_text().strip()
    states = [
        json.loads(file.read_text(encoding="utf-8"))
        for folder in (project / "outputs", *(project / "outputs").glob(".staging/*"))
        for file in folder.glob(f"runs/{run_id}.json")
    ]
    if not states:
        return [*faults, "no manifest of the run"]
    for stem, record in states[0]["state"]["pages"].items():
        page = site / f"{stem}.html"
        if not page.is_file() or hashlib.sha256(page.read_bytes()).hexdigest() != record["page_sha256"]:
            faults.append(f"{stem}: not the page of run {run_id}")
    for table in states[0]["state"]["tables"].values():
        for name, digest in table["files"].items():
            if not (file := site / "data" / name).is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                faults.append(f"{name}: not the table of run {run_id}")
    return faults


def processes(project: Path) -> list[int]:
    """Return every process that works for a project, found by a variable that all inherit; none where /proc is not."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            if f"ELDERCARE_ROOT={project}".encode() in variables and ") Z " not in (folder / "stat").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def left_behind(project: Path) -> list[str]:
    """Return temporary files that no run should leave: stagings, files being written, projections half stored."""
    outputs = project / "outputs"
    left = [*outputs.glob(".staging*"), *outputs.rglob(".*.new"), *(project / ".cache").rglob("*.part*")]
    return sorted(path.relative_to(project).as_posix() for path in left)


def short_notebook(project: Path) -> None:
    """Put a notebook of one short cell in the place of the real one."""
    file = project / "notebooks" / "03_beds.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    shown = "from IPython.display import HTML\nHTML(f'<h1>{area}</h1>')"
    cell = {"cell_type": "code", "id": "short", "metadata": {}, "source": shown, "outputs": [], "execution_count": None}
    notebook["cells"].append(cell)
    file.write_text(json.dumps(notebook), encoding="utf-8")


def kill_forked(project: Path, seconds: float) -> tuple[bool, int]:
    """Run in a fork of this process, which has everything loaded, and kill it -9 after some time.

    Returns whether it still ran, and its exit status when it did not.
    """
    child = os.fork()
    if child == 0:
        status = 99
        try:
            original = multiprocessing.get_context
            multiprocessing.get_context = lambda _: original("fork")
            os.environ["ELDERCARE_ROOT"] = str(project)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            status = main([*ASKED, "-q"])
        finally:
            os._exit(status)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return False, os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True, -9


def file_limit(size: int) -> str:
    """Return Python that lets no file grow beyond so many bytes, as on a full disk, also in processes started later."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


@contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[None]:
    """Put a file system of a few megabytes at a folder; raises OSError where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    _tool("mount", "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "none", str(folder))
    try:
        yield
    finally:
        _tool("umount", "-l", str(folder))


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Make a folder read-only even for root; raises OSError where that is not possible."""
    _tool("chattr", "+i", str(folder))
    try:
        yield
    finally:
        _tool("chattr", "-i", str(folder))


def _tool(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or f"{words[0]} failed")


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something holds; folders may go while they are looked through."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(FileNotFoundError):
            if condition():
                return
        time.sleep(0.02)
    raise AssertionError("waited in vain")
