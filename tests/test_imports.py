"""Importing does nothing that can be seen. Which part may import which is held by import-linter (pyproject.toml)."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path


def package_files(root: Path) -> list[Path]:
    return sorted((root / "src" / "eldercare").rglob("*.py"))


# Runs in a new interpreter. Reading the setting backend chooses one, so it is not read.
# Third-party packages come first: what they do at import is not ours.
WATCH = """
import importlib, json, logging, os, random, sys, warnings
ours, others = json.loads(sys.argv[1])
for name in others:
    importlib.import_module(name)
import matplotlib, numpy
def state():
    return {
        "backend": matplotlib.get_backend(auto_select=False),
        "figure settings": {
            k: repr(matplotlib.rcParams[k]) for k in matplotlib.rcParams if not k.startswith("backend")
        },
        "folder": os.getcwd(), "environment": dict(os.environ), "path": list(sys.path),
        "warnings": repr(warnings.filters), "handlers": repr(logging.getLogger().handlers),
        "random": repr(random.getstate()), "numpy random": repr(numpy.random.get_state()),
        "numpy printing": repr(numpy.get_printoptions()), "numpy errors": repr(numpy.geterr()),
        "pyplot": "matplotlib.pyplot" in sys.modules,
    }
seen = []
def watch(event, args):
    if event == "open" and (set(str(args[1] or "")) & set("wax+") or (args[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
        seen.append(f"writes {args[0]}")
    if event in ("os.mkdir", "os.rename", "os.remove", "subprocess.Popen", "os.fork", "socket.connect"):
        seen.append(f"{event} {args[:1]}")
before = state()
sys.addaudithook(watch)
for name in ours:
    importlib.import_module(name)
after = state()
seen += [f"changes {key}" for key in before if before[key] != after[key]]
sys.stdout.write(json.dumps(seen))
"""


def modules(root: Path) -> list[str]:
    names = []
    for path in package_files(root):
        parts = path.relative_to(root / "src").with_suffix("").parts
        if parts[-1] != "__main__":
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def fresh_python(*arguments: str, folder: Path, **environment: str) -> str:
    """Run a new interpreter without a backend chosen, warnings as errors; return what it prints."""
    inherited = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    result = subprocess.run(
        [sys.executable, "-B", "-W", "error", *arguments],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def seen_at_import(ours: list[str], others: set[str], folder: Path, **environment: str) -> list[str]:
    return json.loads(fresh_python("-c", WATCH, json.dumps([ours, sorted(others)]), folder=folder, **environment))


def third_party(root: Path) -> set[str]:
    names = set()
    for path in package_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
    return {name for name in names if name.split(".")[0] not in ("eldercare", "__future__")}


def test_importing_every_module_does_nothing_that_can_be_seen(root: Path, tmp_path: Path) -> None:
    assert seen_at_import(modules(root), third_party(root), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_does_something_at_import_is_seen(tmp_path: Path) -> None:
    tmp_path.joinpath("loud.py").write_text(
        "import matplotlib, os\nmatplotlib.use('svg')\nos.environ['LOUD'] = '1'\nopen('made.txt', 'w').close()\n",
        encoding="utf-8",
    )
    seen = seen_at_import(["loud"], set(), tmp_path, PYTHONPATH=str(tmp_path))
    assert [line.split("/")[-1] for line in seen] == ["writes made.txt", "changes backend", "changes environment"]


def test_the_model_needs_no_plotting_and_no_publishing(tmp_path: Path) -> None:
    code = "import sys, eldercare.model; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(fresh_python("-c", code, folder=tmp_path).split())
    assert "numpy" in loaded
    assert loaded.isdisjoint({"matplotlib", "papermill", "nbconvert", "jupyterlab"})
