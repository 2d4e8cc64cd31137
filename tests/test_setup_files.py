"""The files that set the suite up agree: pyproject.toml, lock, environment.yml, Makefile, fonts, citation."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import eldercare

CONDA_NAMES = {"matplotlib-base": "matplotlib"}


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def direct(pyproject: dict) -> dict[str, Requirement]:
    """Return the direct requirements of the package and its tests by name."""
    lines = pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["test"]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, list[Requirement]]:
    """Return what the lock pins, by name; one name may be pinned for different systems."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    pins: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^(\w[^\\\n]*?)\s*\\?$", text, re.MULTILINE):
        requirement = Requirement(line)
        pins.setdefault(requirement.name, []).append(requirement)
    return pins


@pytest.fixture(scope="module")
def environment(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def version(requirement: Requirement) -> str:
    (only,) = requirement.specifier
    assert only.operator == "==", requirement
    return only.version


def conda_pins(environment: dict) -> dict[str, str]:
    """Return name: version of conda's and pip's part of environment.yml, in the names of the lock."""
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    lines = [entry for entry in environment["dependencies"] if isinstance(entry, str)] + pip
    pairs = [re.split(r"\s*==\s*", line) for line in lines if "==" in line]
    return {CONDA_NAMES.get(name, name): pinned for name, pinned in pairs}


def test_the_lock_satisfies_every_direct_requirement(
    pyproject: dict, direct: dict[str, Requirement], locked: dict[str, list[Requirement]]
) -> None:
    build = Requirement(*pyproject["build-system"]["requires"])
    for name, requirement in {**direct, build.name: build}.items():
        for pin in locked[name]:
            assert version(pin) in requirement.specifier, f"{requirement} but the lock has {pin}"


def test_every_package_that_is_imported_is_declared(root: Path, pyproject: dict) -> None:
    project = pyproject["project"]
    lines = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    declared = {Requirement(line).name for line in lines}
    imported = {
        name.split(".")[0]
        for file in (root / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    } - {"eldercare", *sys.stdlib_module_names}
    installed = packages_distributions()
    homes = {name: {canonicalize_name(one) for one in installed.get(name, ())} for name in imported}
    assert {name for name, found in homes.items() if not found & declared} == set()


def test_every_direct_requirement_has_a_lower_bound_and_no_upper_one(direct: dict[str, Requirement]) -> None:
    for requirement in direct.values():
        assert [part.operator for part in requirement.specifier] == [">="], requirement


def test_direct_requirements_have_one_version_on_every_system(
    direct: dict[str, Requirement], locked: dict[str, list[Requirement]]
) -> None:
    for name in direct:
        (pin,) = locked[name]
        assert pin.marker is None, pin


def test_every_pin_is_exact_and_has_hashes(root: Path, locked: dict[str, list[Requirement]]) -> None:
    for pins in locked.values():
        for pin in pins:
            Version(version(pin))
    blocks = re.split(r"^(?=\w)", (root / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(blocks) == sum(len(pins) for pins in locked.values())
    for block in blocks:
        first, *rest = block.replace("\\\n", "").split("--hash=")
        assert rest and all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", part) for part in rest), first


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "pyproject.toml",
        "environment.yml",
        "Makefile",
        ".ci/run",
        "tools/axe.sh",
        "tests/site/package-lock.json",
    ],
)
def test_no_file_names_an_index_or_a_machine(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|--(extra-)?index|find-links|/home/|/tmp/|/root/|/work/", text)


def test_conda_users_get_the_versions_of_the_lock(
    direct: dict[str, Requirement], locked: dict[str, list[Requirement]], environment: dict
) -> None:
    assert conda_pins(environment) == {name: version(locked[name][0]) for name in direct}


def test_conda_installs_the_package_itself_on_the_same_pythons(pyproject: dict, environment: dict) -> None:
    assert environment["name"] == pyproject["project"]["name"]
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    assert environment["dependencies"][-1]["pip"][-1] == "--editable ."
    (python,) = [Requirement(entry) for entry in environment["dependencies"] if str(entry).startswith("python ")]
    assert pyproject["project"]["requires-python"] == ">=3.11"
    supported = [minor for minor in range(8, 20) if f"3.{minor}.0" in python.specifier]
    assert supported == [11, 12, 13]


def test_the_version_is_the_same_everywhere(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == eldercare.__version__
    assert eldercare.__version__ in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_has_what_the_format_requires(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == "MIT" and "MIT License" in (root / "LICENSE").read_text(encoding="utf-8")


def test_a_built_wheel_carries_every_file_of_the_package(root: Path, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tmp_path)
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("eldercare/")}
        (entry_points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "eldercare = eldercare.cli:main" in archive.read(entry_points).decode()
    source = tmp_path / "src"
    assert inside == {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}


def prepare(project: Path, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "test", f"PYTHON={python}"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
    )


@pytest.fixture
def bare_project(root: Path, tmp_path: Path) -> Path:
    """Return a project, in a folder with a space and Chinese characters, that has only what make needs."""
    project = tmp_path / "养老 plan"
    (project / "tools").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "tools/prepare.sh"):
        shutil.copy(root / name, project / name)
    return project


def stand_in(folder: Path, script: str) -> str:
    """Write a program to be used as the Python of make."""
    program = folder / "python-for-make"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_a_python_that_is_not_there_is_named(bare_project: Path) -> None:
    result = prepare(bare_project, "no-such-python")
    assert result.returncode != 0
    assert "Python 3.11 or newer is needed; 'no-such-python' is not there." in result.stderr
    assert "make report PYTHON=python3.12" in result.stderr
    assert not (bare_project / ".venv").exists()


def test_a_python_that_is_too_old_is_named_with_its_version(bare_project: Path, tmp_path: Path) -> None:
    result = prepare(bare_project, stand_in(tmp_path, "echo 3.9; exit 1"))
    assert result.returncode != 0
    assert "is Python 3.9." in result.stderr
    assert not (bare_project / ".venv").exists()


def test_a_failed_set_up_is_not_taken_for_a_ready_one(bare_project: Path, tmp_path: Path) -> None:
    interpreter = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    requirement = "eldercare-wheel-that-is-not-there @ file:///nowhere/x-1-py3-none-any.whl --hash=sha256:" + "0" * 64
    (bare_project / "requirements.lock").write_text(requirement, encoding="utf-8")
    for _ in range(2):
        result = prepare(bare_project, str(interpreter))
        assert result.returncode != 0
        assert "Preparing .venv" in result.stdout
        assert not (bare_project / ".venv" / ".ready").exists()


FONTS = "src/eldercare/report/fonts"


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_a_shipped_font_is_small_and_has_its_licence(root: Path, style: str) -> None:
    path = root / FONTS / f"NotoSansSC-{style}.otf"
    assert path.stat().st_size < 3.6e6
    assert "SIL Open Font License" in TTFont(path)["name"].getDebugName(13)
    assert "SIL OPEN FONT LICENSE" in (root / FONTS / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_a_shipped_font_has_every_character_that_the_suite_can_show(root: Path, style: str) -> None:
    sources = [
        *(root / "src/eldercare/report/text").glob("*.yaml"),
        *(root / "config").rglob("*.yaml"),
        *(root / "data/raw").glob("*.csv"),
        *(root / "notebooks").glob("*.ipynb"),
    ]
    assert len(sources) > 10
    needed = set("".join(path.read_text(encoding="utf-8") for path in sources)) - set("\n\r\t\ufeff")
    covered = {chr(code) for code in TTFont(root / FONTS / f"NotoSansSC-{style}.otf").getBestCmap()}
    assert needed - covered == set()
    lines = (root / "tools/general_standard.txt").read_text(encoding="utf-8").splitlines()
    standard = "".join(line for line in lines if not line.startswith("#"))
    assert len(set(standard)) == len(standard) == 8105
    assert set(standard) - covered == set()


def test_make_knows_every_target_once(root: Path):
    targets = re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(set(targets)) == sorted(targets)
