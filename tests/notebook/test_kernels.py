"""Kernels forked warm and started anew give the same; endless, dying and interrupted ones leave the rest alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from eldercare.publish.pool import FORK, SPAWN, can_fork, start_server, workers
from eldercare.publish.runner import ONE_THREAD, Outcome, Task, environment, execute

pytestmark = pytest.mark.skipif(not can_fork(), reason="processes cannot be forked here")

PARAMETERS = 'area = "huzhou"\nscenario = "baseline"\noverrides = {}\nlanguage = "en"'


def notebook(folder: Path, name: str, *cells: str) -> Path:
    """Write a notebook with a parameters cell and the given ones, named a, b, ..."""
    node = nbformat.v4.new_notebook()
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    first = nbformat.v4.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    node.cells = [first, *(nbformat.v4.new_code_cell(c, id="abcdefgh"[at]) for at, c in enumerate(cells))]
    path = folder / f"{name}.ipynb"
    nbformat.write(node, path)
    return path


def run(root: Path, scratch: Path, engine: str, tasks: list[Task]) -> dict[str, Outcome]:
    """Execute tasks in two workers and return how each ended."""
    if engine == "warm":
        start_server(ONE_THREAD)
    with workers(2, environment(root, scratch), FORK if engine == "warm" else SPAWN) as pool:
        return {outcome.name: outcome for outcome in pool.map(execute, tasks)}


def task(path: Path, root: Path, engine: str, timeout: int = 60, **parameters: object) -> Task:
    """Return the task of one notebook, named after its file."""
    return Task(path.stem, path, parameters, root, timeout, engine)


def test_warm_and_stock_engines_give_the_same_bytes(root: Path, tmp_path: Path) -> None:
    odd = notebook(
        tmp_path,
        "odd",
        "import os, sys, random, matplotlib\nprint(sys.argv[0][-8:], __name__, os.getcwd(), area)",
        "matplotlib.rcParams['backend'], os.environ['OMP_NUM_THREADS'], os.environ.get('MPLBACKEND')",
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)).gca().plot([1, 2]);",
        "print('one', end='')\ndisplay('two')\nprint('three', flush=True)\nsys.stdout.write('four')\ndisplay('five')",
        "sys.stdout.flush()\nprint('six')\n'seven'",
    )
    pages = [root / "notebooks" / f"{name}.ipynb" for name in ("01_evidence", "03_beds")]
    made = {}
    for engine in ("warm", "stock"):
        tasks = [task(path, root, engine, area="deqing", language="zh") for path in (*pages, odd)]
        made[engine] = {name: (one.failure, one.notebook) for name, one in run(root, tmp_path, engine, tasks).items()}
    assert all(failure == "" for failure, _ in made["warm"].values())
    for name in made["stock"]:
        assert made["warm"][name][1].decode() == made["stock"][name][1].decode(), name


def test_a_failing_cell_is_reported_alike_by_both_engines(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "failing", "x = 1", "def f(x):\n    return x / 0\nf(x)")
    reports = {
        engine: run(root, tmp_path, engine, [task(path, root, engine)])["failing"].failure
        for engine in ("warm", "stock")
    }
    assert reports["warm"] == reports["stock"]
    assert "failing: cell b: failed" in reports["warm"]
    assert "ZeroDivisionError" in reports["warm"] and "return x / 0" in reports["warm"]


def test_each_warm_notebook_has_a_process_of_its_own_and_other_random_numbers(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "own", "import os, random, numpy\nos.getpid(), random.random(), numpy.random.rand()")
    tasks = [Task(f"own-{n}", path, {}, root, 60, "warm") for n in range(4)]
    seen = []
    for outcome in run(root, tmp_path, "warm", tasks).values():
        cells = json.loads(outcome.notebook)["cells"]
        seen.append(eval("".join(cells[-1]["outputs"][0]["data"]["text/plain"]), {"np": __import__("numpy")}))
    for numbers in zip(*seen, strict=True):
        assert len(set(numbers)) == 4


@pytest.mark.parametrize("engine", ["warm", "stock"])
def test_an_endless_cell_and_a_killed_kernel_are_reported_and_the_rest_finish(
    root: Path, tmp_path: Path, engine: str
) -> None:
    tasks = [
        task(notebook(tmp_path, "endless", "while True: pass"), root, engine, timeout=3),
        task(notebook(tmp_path, "asleep", "import time; time.sleep(3600)"), root, engine, timeout=3),
        task(notebook(tmp_path, "killed", "import os\nos.kill(os.getpid(), 9)"), root, engine),
        task(notebook(tmp_path, "left", "import os\nos._exit(3)"), root, engine),
        *(task(notebook(tmp_path, f"good-{n}", f"print({n})"), root, engine) for n in range(3)),
    ]
    ended = run(root, tmp_path, engine, tasks)
    assert ended["endless"].failure == "endless: cell a: took longer than 3 seconds and was stopped"
    assert ended["asleep"].failure == "asleep: cell a: took longer than 3 seconds and was stopped"
    assert ended["killed"].failure == "killed: cell a: the kernel died"
    assert ended["left"].failure == "left: cell a: the kernel died"
    for n in range(3):
        assert ended[f"good-{n}"].failure == "" and f'"{n}\\n"' in ended[f"good-{n}"].notebook.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="sockets without files are Linux's")
def test_warm_kernels_take_no_port_and_leave_no_socket(root: Path, tmp_path: Path) -> None:
    cell = "from ipykernel.connect import get_connection_info\nprint(get_connection_info())"
    tasks = [Task(f"{n}", notebook(tmp_path, "socket", cell), {}, root, 60, "warm") for n in range(2)]
    names = set()
    for outcome in run(root, tmp_path, "warm", tasks).values():
        text = "".join(json.loads(outcome.notebook)["cells"][-1]["outputs"][0]["text"])
        about = json.loads(text)
        assert about["transport"] == "ipc"
        names.add(about["ip"])
    assert len(names) == 2
    left = Path("/proc/net/unix").read_text(encoding="utf-8")
    assert not any(name in left for name in names)


# Says that it cannot start as often as its first argument, a file, has lines, then starts a kernel.
STUBBORN = """
import pathlib, runpy, sys
mark = pathlib.Path(sys.argv.pop(1))
left = mark.read_text().splitlines()
if left:
    mark.write_text("\\n".join(left[1:]))
    sys.exit(left[0])
runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("engine", ["warm", "stock"])
def test_a_kernel_that_does_not_start_is_tried_once_more(root: Path, tmp_path: Path, engine: str) -> None:
    script, mark = tmp_path / "stubborn.py", tmp_path / "mark"
    script.write_text(STUBBORN, encoding="utf-8")
    variables = environment(root, tmp_path)
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    about = json.loads(spec.read_text(encoding="utf-8"))
    about["argv"] = [sys.executable, str(script), str(mark), *about["argv"][3:]]
    spec.write_text(json.dumps(about), encoding="utf-8")
    one = task(notebook(tmp_path, "stubborn", "print(area)"), root, engine, area="anji")
    ended = []
    with workers(1, variables, SPAWN) as pool:
        for failures in (1, 2):
            mark.write_text("Address already in use\n" * failures, encoding="utf-8")
            ended.append(pool.submit(execute, one).result())
    assert ended[0].failure == "" and "anji" in ended[0].notebook.decode()
    assert ended[1].failure.startswith("stubborn: the kernel did not start (") and not ended[1].notebook


def test_papermills_own_command_reaches_the_warm_engine(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "one", "import sys\nprint(area, 'pandas' in sys.modules)")
    command = [Path(sys.executable).parent / "papermill", "--engine", "eldercare-warm", "--no-progress-bar"]
    done = subprocess.run(
        [*command, path, tmp_path / "out.ipynb", "-p", "area", "anji"],
        env=os.environ | environment(root, tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "anji True" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")


def family(root: Path) -> list[psutil.Process]:
    """Return every process that works for the project, found by a variable that all inherit."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("ELDERCARE_TEST") == str(root) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("engine", ["warm", "stock"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process_behind(project_copy: Path, engine: str, number: int) -> None:
    for old in (project_copy / "notebooks").glob("*.ipynb"):
        old.unlink()
    mark = project_copy / "started"
    notebook(project_copy / "notebooks", "01_evidence", f"open({str(mark)!r}, 'w').close()", "while True: pass")
    command = [sys.executable, "-m", "eldercare", "run", "--area", "deqing", "--scenario", "baseline"]
    process = subprocess.Popen(
        [*command, "--engine", engine],
        cwd=project_copy,
        env=os.environ | {"ELDERCARE_TEST": str(project_copy)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell starts what it puts in the background with interrupts ignored; these tests may run there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while not mark.exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.1)
    assert len(family(project_copy)) > 2
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.kill()
    said, _ = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert said == "interrupted; the published site stays as it was\n"
    deadline = time.monotonic() + 20
    while family(project_copy) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert family(project_copy) == []
    assert not (project_copy / "outputs" / "site").exists()
