"""Notebooks executed without a kernel look as from one; endless, dying and interrupted ones leave the rest alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest

from eldercare.publish.runner import Outcome, Task, execute_all, plain
from eldercare.publish.workers import Workers, outcomes

pytestmark = pytest.mark.notebook


@pytest.fixture(autouse=True)
def no_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the choice of a backend away that goes for all other tests; kernels would take it over."""
    monkeypatch.delenv("MPLBACKEND")


PARAMETERS = 'area = "huzhou"\nscenario = "baseline"\noverrides = {}\nlanguage = "en"'


def notebook(folder: Path, name: str, *cells: str) -> Path:
    """Write a notebook with a parameters cell and the given ones, named a, b, ..."""
    node = nbformat.v4.new_notebook()
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    first = nbformat.v4.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    node.cells = [first, *(nbformat.v4.new_code_cell(c, id="abcdefghij"[at]) for at, c in enumerate(cells))]
    path = folder / f"{name}.ipynb"
    nbformat.write(node, path)
    return path


def run(root: Path, folder: Path, paths: list[Path], limit: float = 60, **parameters: object) -> dict[str, Outcome]:
    """Execute notebooks in two processes at a time and return how each ended, by its name."""
    tasks = [Task(path.stem, path, parameters, root, folder / f"cell-{path.stem}") for path in paths]
    with Workers(root, folder, 2) as workers:
        jobs = [workers.submit(execute_all, [task], limit=limit) for task in tasks]
        ended = [outcomes(job, [task], limit)[0] for task, job in zip(tasks, jobs, strict=True)]
    return {task.name: one for task, one in zip(tasks, ended, strict=True) if one}


def cells(content: bytes) -> list[tuple[str, int | None, list[dict]]]:
    """Return source, count and outputs of the code cells of an executed notebook."""
    node = json.loads(content)
    return [(c["source"], c["execution_count"], c["outputs"]) for c in node["cells"] if c["cell_type"] == "code"]


def text(content: bytes) -> str:
    """Return what the last cell printed or showed as text."""
    output = json.loads(content)["cells"][-1]["outputs"][-1]
    return "".join(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])


def from_kernel(path: Path, root: Path, **parameters: object) -> bytes:
    """Execute a notebook by papermill alone, with a kernel of its own."""
    arguments = {"cwd": root, "progress_bar": False, "kernel_name": "python3"}
    return plain(papermill.execute_notebook(path, None, parameters, **arguments))


def test_a_page_looks_as_from_a_kernel(root: Path, tmp_path: Path) -> None:
    path = root / "notebooks" / "03_beds.ipynb"
    made = run(root, tmp_path, [path], area="deqing", language="zh")["03_beds"]
    assert made.failure == ""
    mine, theirs = cells(made.notebook), cells(from_kernel(path, root, area="deqing", language="zh"))
    # The last cell invites to try a change: it is left as it is written.
    assert mine[:-1] == theirs[:-1] and mine[-1][1:] == (None, [])


def test_odd_cells_look_as_from_a_kernel(root: Path, tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "odd",
        "import os, sys\nprint(__name__, os.getcwd(), area, sys.path.index('') > 2)",
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)).gca().plot([1, 2]);",
        "print('one', end='')\ndisplay('two')\nprint('three')\nsys.stdout.write('four')\ndisplay('five')",
        "print('six')\nsys.stdout.flush()\n'seven'",
        "import pandas as pd\npd.DataFrame({f'column {n}': [n / 7] * 3 for n in range(30)})",
        "from IPython.display import HTML, clear_output\nhandle = display('first', display_id='h')\nprint('then')",
        "handle.update('second')\nprint('gone')\nclear_output()\nHTML('<b>last</b>')",
        "!echo from the shell",
        "import asyncio\nawait asyncio.sleep(0, 'awaited')",
        "Out[7].shape, _",
    )
    made = run(root, tmp_path, [path], area="anji")["odd"]
    assert made.failure == ""
    for mine, theirs in zip(cells(made.notebook), cells(from_kernel(path, root, area="anji")), strict=True):
        assert mine == theirs


def test_two_runs_give_the_same_bytes(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "same", "object(), {'b', 'a', 'c'}", "import matplotlib.pyplot as plt\nplt.plot([1, 2])")
    made = [run(root, tmp_path, [path])["same"].notebook for _ in range(2)]
    assert made[0] == made[1] and b"<object>" in made[0] and b"image/png" in made[0]


def test_a_failing_cell_is_reported_with_its_traceback(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "failing", "x = 1", "def f(x):\n    return x / 0\nf(x)", "print('never')")
    with pytest.raises(papermill.PapermillExecutionError) as stock:
        from_kernel(path, root)
    failure = run(root, tmp_path, [path])["failing"].failure
    assert failure.startswith("failing: cell b: failed\n")
    for words in ("ZeroDivisionError: division by zero", "----> 2     return x / 0", "Cell In["):
        assert words in failure and words in "\n".join(papermill_text(stock.value.traceback))


def papermill_text(lines: list[str]) -> list[str]:
    from eldercare.publish.runner import COLOUR

    return [COLOUR.sub("", line) for line in lines]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("import warnings\nwarnings.warn('odd data')", "UserWarning: odd data"),
        ("import logging\nlogging.warning('odd data')", "odd data"),
        ("1 +", "SyntaxError"),
        ("%no_such_magic", "no_such_magic"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("input('? ')", "EOFError"),
    ],
)
def test_warnings_and_wrong_cells_fail_the_page(root: Path, tmp_path: Path, cell: str, words: str) -> None:
    failure = run(root, tmp_path, [notebook(tmp_path, "wrong", cell)])["wrong"].failure
    assert failure.startswith("wrong: cell a: ") and words in failure


def test_each_notebook_has_a_process_of_its_own_and_other_random_numbers(root: Path, tmp_path: Path) -> None:
    cell = "import os, random, numpy\nos.getpid(), random.random(), numpy.random.rand()"
    made = run(root, tmp_path, [notebook(tmp_path, f"own-{n}", cell) for n in range(4)])
    shown = [text(one.notebook).strip("()").split(", ") for one in made.values()]
    assert [len(set(values)) for values in zip(*shown, strict=True)] == [4, 4, 4]


def test_nothing_of_the_users_profile_is_used(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    startup = tmp_path / "home" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "10-mine.py").write_text("mine = 1", encoding="utf-8")
    (startup.parent / "ipython_config.py").write_text("c.InteractiveShell.ast_node_interactivity = 'all'")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "home"))
    path = notebook(tmp_path, "profile", "1\n'mine' in globals(), [*get_ipython().history_manager.get_tail(9)]")
    assert text(run(root, tmp_path, [path])["profile"].notebook) == "(False, [])"
    assert {file.name for file in (tmp_path / "home").rglob("*") if file.is_file()} == {
        "10-mine.py",
        "ipython_config.py",
    }


def test_outputs_saved_by_accident_are_not_kept(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "saved", "1 + 1", "pass")
    node = nbformat.read(path, 4)
    for cell in node.cells:
        cell.outputs = [nbformat.v4.new_output("stream", text="by accident")]
        cell.execution_count = 9
    nbformat.write(node, path)
    made = run(root, tmp_path, [path])["saved"].notebook
    assert b"by accident" not in made and b'"execution_count": 9' not in made


def test_endless_and_dying_notebooks_leave_the_others_alone(root: Path, tmp_path: Path) -> None:
    made = {
        "endless": "while True: pass",
        "asleep": "import time; time.sleep(3600)",
        "killed": "import os\nos.kill(os.getpid(), 9)",
        "left": "import os\nos._exit(3)",
        "ended": "import os\nos._exit(0)",
        "library": "import ctypes\nctypes.CDLL(None).exit(0)",
        "system": "import ctypes\nctypes.CDLL(None)._exit(0)",
        **{f"good-{n}": f"print({n})" for n in range(3)},
    }
    ended = run(root, tmp_path, [notebook(tmp_path, name, "1", cell) for name, cell in made.items()], limit=5)
    assert ended["endless"].failure == "endless: cell b: took longer than 5 seconds and was stopped"
    assert ended["asleep"].failure == "asleep: cell b: took longer than 5 seconds and was stopped"
    assert ended["killed"].failure == "killed: cell b: its process was killed (exit status -9)"
    assert ended["left"].failure == "left: cell b: its process was killed (exit status 3)"
    for name in ("ended", "library", "system"):
        assert ended[name].failure == f"{name}: cell b: ended its own process"
    for n in range(3):
        assert ended[f"good-{n}"].failure == "" and text(ended[f"good-{n}"].notebook) == f"{n}\n"


def test_of_notebooks_in_one_process_only_the_one_that_it_was_at_has_failed(root: Path, tmp_path: Path) -> None:
    made = {"good": "print(1)", "killed": "import os\nos.kill(os.getpid(), 9)", "next": "print(2)", "wrong": "1 / 0"}
    paths = [notebook(tmp_path, name, "1", cell) for name, cell in made.items()]
    good, killed, after, wrong = (Task(p.stem, p, {}, root, tmp_path / f"cell-{p.stem}") for p in paths)
    with Workers(root, tmp_path, 1) as workers:
        ended = outcomes(workers.submit(execute_all, [good, killed, after]), [good, killed, after], 5)
        assert [one and one.failure for one in ended] == [
            None, "killed: cell b: its process was killed (exit status -9)", None,
        ]  # fmt: skip
        later = outcomes(workers.submit(execute_all, [good, wrong, after]), [good, wrong, after], 5)
    assert ["1 / 0" in one.failure if one and one.failure else "" for one in later] == ["", True, ""]


@pytest.mark.parametrize(("stem", "area"), [("02_population", "deqing"), ("03_need", "huzhou")])
def test_a_page_made_beside_its_other_language_is_what_it_is_alone(root: Path, tmp_path: Path, stem: str, area: str):
    values = {"area": area, "scenario": "baseline", "overrides": {}}
    tasks = [
        Task(language, root / f"notebooks/{stem}.ipynb", values | {"language": language}, root, tmp_path / language)
        for language in ("en", "zh")
    ]
    with Workers(root, tmp_path, 2) as workers:
        together, alone = (workers.submit(execute_all, some) for some in (tasks, tasks[1:]))
        both, one = outcomes(together, tasks, 60), outcomes(alone, tasks[1:], 60)
    assert both[1] and one[0] and both[1].notebook == one[0].notebook and both[1].reads == one[0].reads
    assert both[0] and both[0].reads == both[1].reads and both[0].notebook != both[1].notebook


def test_papermills_own_command_reaches_the_engine(root: Path, tmp_path: Path) -> None:
    path = notebook(tmp_path, "one", "import sys\nprint(area, 'ipykernel' in sys.modules)")
    command = [Path(sys.executable).parent / "papermill", "--engine", "eldercare", "--no-progress-bar"]
    done = subprocess.run(
        [*command, path, tmp_path / "out.ipynb", "-p", "area", "anji"],
        env=os.environ | {"ELDERCARE_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert text((tmp_path / "out.ipynb").read_bytes()) == "anji False\n"


def by_hand(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the environment in a folder, as a user types it: with a plain kernel, and no variable set."""
    environment = {name: value for name, value in os.environ.items() if name not in ("ELDERCARE_ROOT", "MPLBACKEND")}
    tool, *others = words
    command = [Path(sys.executable).parent / tool, *others]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_papermill_by_hand_takes_changed_values_as_text_from_any_folder(root: Path, tmp_path: Path) -> None:
    asked = ["papermill", "--no-progress-bar", root / "notebooks/04_meals.ipynb", tmp_path / "out.ipynb"]
    asked += ["-p", "area", "deqing", "-p", "language", "en"]
    changed = [*asked, "-p", "overrides", '{"run.draws": 20, "meals.uptake": 0.17}']
    lost = by_hand(tmp_path, *changed)
    assert lost.returncode == 1 and "(papermill: --cwd FOLDER), or name it in ELDERCARE_ROOT" in lost.stderr
    done = by_hand(tmp_path, *changed, "--cwd", root)
    assert done.returncode == 0, done.stderr
    assert "17% instead of" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    wrong = by_hand(tmp_path, *asked, "-p", "overrides", "meals.uptake=0.17", "--cwd", root)
    assert wrong.returncode == 1
    assert wrong.stderr.strip().splitlines()[-1].endswith('value is wanted, such as {"beds.norm": 55}')


def test_papermill_by_hand_takes_changed_values_as_yaml(root: Path, tmp_path: Path) -> None:
    shown = "run = eldercare.load(area, scenario, overrides)\nrun.area, run['meals.uptake'], run['run.draws']"
    path = notebook(tmp_path, "one", "import eldercare", shown)
    asked = ["papermill", "--no-progress-bar", path, tmp_path / "out.ipynb", "--cwd", root]
    done = by_hand(tmp_path, *asked, "-y", 'area: deqing\noverrides: {meals.uptake: 0.17, "run.draws": 20}')
    assert done.returncode == 0, done.stderr
    assert text((tmp_path / "out.ipynb").read_bytes()) == "('deqing', 0.17, 20)"
    wrong = by_hand(tmp_path, *asked, "-y", "overrides: {meals.uptak: 0.17}", "-p", "aera", "deqing")
    assert wrong.returncode == 1 and "did you mean meals.uptake?" in wrong.stderr.strip().splitlines()[-1]
    assert "Passed unknown parameter: aera" in wrong.stderr


def test_nbconvert_by_hand_executes_a_notebook(root: Path, tmp_path: Path) -> None:
    asked = ["jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", tmp_path]
    done = by_hand(tmp_path, *asked, root / "notebooks" / "01_evidence.ipynb")
    assert done.returncode == 0, done.stderr
    assert "39,467" in (tmp_path / "01_evidence.ipynb").read_text(encoding="utf-8")


def family(root: Path) -> list[int]:
    """Return every process that works for the project, found by a variable that all inherit."""
    mark = f"ELDERCARE_TEST={root}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0") and ") Z " not in (folder / "stat").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process_behind(project_copy: Path, number: int) -> None:
    for old in (project_copy / "notebooks").glob("*.ipynb"):
        old.unlink()
    mark = project_copy / "started"
    notebook(project_copy / "notebooks", "01_evidence", f"open({str(mark)!r}, 'w').close()", "while True: pass")
    process = subprocess.Popen(
        [sys.executable, "-m", "eldercare", "run", "--area", "deqing", "--scenario", "baseline"],
        cwd=project_copy,
        env=os.environ | {"ELDERCARE_TEST": str(project_copy)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell starts what it puts in the background with interrupts ignored; these tests may run there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 (one call)
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
        assert said.splitlines() == ["2 pages to execute", "interrupted; the published site stays as it was"]
    deadline = time.monotonic() + 20
    while family(project_copy) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert family(project_copy) == []
    assert not (project_copy / "outputs" / "site").exists()
