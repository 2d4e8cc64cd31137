"""Every malformed input ends with exit status 2 and one clear line for each fault, in both languages."""

from __future__ import annotations

import importlib.util
import re
import shutil
import stat
from pathlib import Path

import pytest

from eldercare import cli
from eldercare.inputs.problems import folded

SPEC = importlib.util.spec_from_file_location("malformed", Path(__file__).with_name("malformed.py"))
malformed = importlib.util.module_from_spec(SPEC)
__import__("sys").modules["malformed"] = malformed
SPEC.loader.exec_module(malformed)
CASES = malformed.cases()
INPUTS = ("config", "data/raw", "notebooks")


def state(path: Path) -> tuple:
    found = path.lstat()
    return found[:2] + found[6:9]


def inventory(project: Path) -> dict[Path, tuple]:
    return {path: state(path) for path in project.rglob("*")}


@pytest.fixture(scope="module")
def project(tmp_path_factory, root):
    """Return a copy of the project and what stands in it, to see what a case has changed."""
    project = tmp_path_factory.mktemp("malformed") / "project"
    for folder in INPUTS:
        shutil.copytree(root / folder, project / folder)
    return project, inventory(project)


@pytest.fixture
def fresh(project, root, monkeypatch):
    """Return the copy, put right after the case before."""
    project, sound = project
    found = inventory(project)
    changed = {path for path in {*found, *sound} if found.get(path) != sound.get(path)}
    # From the innermost out; a folder in which something was added or removed is changed as well, and may stay.
    for path in sorted(changed & {*found}, reverse=True):
        if path not in sound or not stat.S_ISDIR(sound[path][0]) or not stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in sorted(changed & {*sound}):
        source = root / path.relative_to(project)
        path.mkdir(exist_ok=True) if source.is_dir() else shutil.copy2(source, path)
    sound.update((path, state(path)) for path in changed & {*sound})
    assert inventory(project).keys() == sound.keys()
    monkeypatch.setenv("ELDERCARE_ROOT", str(project))
    monkeypatch.delenv("ELDERCARE_LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(project)
    return project


def test_there_are_at_least_200_of_ten_kinds():
    assert len(CASES) >= 200 and len({case.kind for case in CASES}) >= 10
    assert len({(case.kind, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.kind}: {case.name}"[:80].encode("ascii", "replace").decode()
)
def test_a_malformed_input_gets_status_2_and_one_clear_line_for_each_fault(fresh, monkeypatch, capsys, case):
    problems = []

    def listen(found):
        problems.extend(found)
        tell(found)

    tell = cli.tell
    monkeypatch.setattr(cli, "tell", listen)
    case.make(fresh)
    assert cli.main(case.command) == 2
    said = capsys.readouterr()
    lines = said.err.splitlines()
    problems = [*folded(problems)]
    assert problems and len(lines) == len(problems) and said.out == ""
    for problem, line in zip(problems, lines, strict=True):
        assert re.match(r"\S.*?: \S", line) and len(line) < 2000, line
        assert "Traceback" not in line and "object at 0x" not in line and "errno" not in line.lower()
        assert re.search(r"[\u4e00-\u9fff]", problem.told("zh").replace(repr(problem.value), "")), problem
    assert not (fresh / "outputs" / "site").exists() and not list(fresh.parent.rglob("*PWNED*"))


def test_the_page_on_reliability_counts_these_cases_and_all_ended_well(root):
    text = (root / "docs" / "reliability.md").read_text(encoding="utf-8").split("## Malformed inputs")[1]
    if text.strip() == "Not measured yet.":
        pytest.skip("run: .venv/bin/python tools/make_reliability.py --only malformed")
    for kind in dict.fromkeys(case.kind for case in CASES):
        number = sum(case.kind == kind for case in CASES)
        told = "docs/reliability.md is out of date; run: .venv/bin/python tools/make_reliability.py --only malformed"
        assert f"| {kind} | {number} | {number} |" in text, told
