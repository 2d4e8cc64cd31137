"""Imports go down only, calculation knows no files, and importing does nothing that can be seen."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A part may import the parts named here and itself; siblings are not named.
BELOW = {
    "inputs": set(),
    "population": set(),
    "care": set(),
    "model": {"population", "care", "inputs"},
    "report": {"model", "population", "care", "inputs"},
    "publish": {"report", "model", "population", "care", "inputs"},
    "cli": {"publish", "report", "model", "population", "care", "inputs"},
}
CALCULATION = ("population", "care")
NOT_IN_CALCULATION = {"os", "io", "pathlib", "yaml", "csv", "json", "datetime", "time", "random"}


def package_files(root: Path) -> list[Path]:
    return sorted((root / "src" / "eldercare").rglob("*.py"))


def part_of(root: Path, path: Path) -> str:
    return path.relative_to(root / "src" / "eldercare").parts[0].removesuffix(".py")


def imported(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Yield the dotted names that a module in ``package`` imports, anywhere in it, relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(name for name in (base, node.module) if name)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def import_problems(part: str, source: str, package: tuple[str, ...]) -> list[str]:
    problems = []
    for name in imported(source, package):
        first, *rest = name.split(".")
        if first == "eldercare":
            other = rest[0] if rest else ""
            if other in BELOW and other != part and other not in BELOW.get(part, set(BELOW)):
                problems.append(f"{part} imports {other}")
        elif part in CALCULATION and first in NOT_IN_CALCULATION:
            problems.append(f"{part} imports {first}")
    return problems


def test_every_module_imports_only_from_below(root: Path) -> None:
    found = {}
    for path in package_files(root):
        package = path.relative_to(root / "src").parent.parts
        problems = import_problems(part_of(root, path), path.read_text(encoding="utf-8"), package)
        if problems:
            found[str(path.relative_to(root))] = problems
    assert found == {}


def test_every_module_belongs_to_a_known_part(root: Path) -> None:
    assert {part_of(root, path) for path in package_files(root)} - {"__init__", "__main__"} <= set(BELOW)


@pytest.mark.parametrize(
    ("part", "source", "problem"),
    [
        ("inputs", "from eldercare.model import Run", "inputs imports model"),
        ("inputs", "import eldercare.population.base", "inputs imports population"),
        ("population", "from eldercare.care import beds", "population imports care"),
        ("population", "from eldercare.inputs.errors import InputError", "population imports inputs"),
        ("care", "def f():\n    from ..population import project", "care imports population"),
        ("care", "from pathlib import Path", "care imports pathlib"),
        ("population", "import os.path", "population imports os"),
        ("model", "from eldercare import report", "model imports report"),
        ("report", "from ..publish import site", "report imports publish"),
        ("publish", "import eldercare.cli as cli", "publish imports cli"),
    ],
)
def test_an_import_upwards_or_sideways_is_found(part: str, source: str, problem: str) -> None:
    assert import_problems(part, source, ("eldercare", part)) == [problem]


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("model", "from eldercare.care import beds"),
        ("population", "from . import base"),
        ("cli", "from eldercare import __version__"),
        ("inputs", "from pathlib import Path"),
    ],
)
def test_an_import_from_below_is_allowed(part: str, source: str) -> None:
    assert import_problems(part, source, ("eldercare", part)) == []


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


def seen_at_import(root: Path, ours: list[str], folder: Path, **environment: str) -> list[str]:
    others = set()
    for path in package_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                others.add(node.module)
            elif isinstance(node, ast.Import):
                others.update(alias.name for alias in node.names)
    others = {name for name in others if name.split(".")[0] not in ("eldercare", "__future__")}
    return json.loads(fresh_python("-c", WATCH, json.dumps([ours, sorted(others)]), folder=folder, **environment))


def test_importing_every_module_does_nothing_that_can_be_seen(root: Path, tmp_path: Path) -> None:
    assert seen_at_import(root, modules(root), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_does_something_at_import_is_seen(root: Path, tmp_path: Path) -> None:
    tmp_path.joinpath("loud.py").write_text(
        "import matplotlib, os\nmatplotlib.use('svg')\nos.environ['LOUD'] = '1'\nopen('made.txt', 'w').close()\n",
        encoding="utf-8",
    )
    seen = seen_at_import(root, ["loud"], tmp_path, PYTHONPATH=str(tmp_path))
    assert [line.split("/")[-1] for line in seen] == ["writes made.txt", "changes backend", "changes environment"]


def test_the_model_needs_no_plotting_and_no_publishing(tmp_path: Path) -> None:
    code = "import sys, eldercare.model; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(fresh_python("-c", code, folder=tmp_path).split())
    assert "numpy" in loaded
    assert loaded.isdisjoint({"matplotlib", "papermill", "nbconvert", "jupyterlab"})
