"""The command line: what it takes, what it says, its exit status."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eldercare import __version__
from eldercare.cli import commands, main
from eldercare.inputs import load_project

DEQING = "config/counties/deqing.yaml"
FACT = """facts:
  meals.uptake:
    set: 0.12
    interval: [0.08, 0.2]
    source: SEED
    locator: "a test"
    evidence: official
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--area", "deqin"], "did you mean deqing?"),
        (["run", "--scenario", "base_line"], "did you mean baseline?"),
        (["run", "--set", "beds.nrm=55"], "did you mean beds.norm?"),
        (["run", "--set", "beds.norm=5000"], "a number from 1 to 200"),
        (["run", "--set", "beds.norm"], "KEY=VALUE"),
        (["run", "--set", "beds.norm=1", "beds.norm=2"], "given twice"),
        (["run", "--set", "supply.plan=freeze"], "did you mean frozen?"),
        (["run", "--workers", "0"], "whole number from 1"),
        (["run", "--language", "fr"], "en, zh, both"),
        (["run", "--workers", "two"], "whole number from 1"),
        (["run", "--st", "beds.norm=1"], "did you mean --set?"),
        (["run", "--area"], "--area: needs a value"),
        (["run", "--force=yes"], "--force: takes no value"),
        (["run", "--manifest", "x.json", "--force"], "goes alone"),
        (["run", "extra"], "unknown option or word 'extra'"),
        (["rum"], "did you mean run?"),
        ([], "needs a command: run, "),
        (["explain"], "KEY: is missing"),
        (["explain", "beds.nrm"], "did you mean beds.norm?"),
        (["explain", "beds.norm", "--county", "../deqing"], "unknown area"),
        (["compare", "baseline"], "at least two"),
        (["compare", "baseline", "hold_norm"], "did you mean hold_the_norm?"),
        (["new-scenario", "../x"], "small letters"),
        (["new-scenario", "a" * 300], "up to 80 small letters"),
        (["run", "--area", "\x1b[31mred"], "'\\x1b[31mred'"),
        (["run", "--manifest", "/dev/zero"], "/dev/zero: no regular file"),
        (["run", "--manifest", "\x1b[31m.json"], "\\x1b[31m.json: file not found"),
        (["import", "census", "/dev/zero"], "must be a .csv or .xlsx"),
        (["new-scenario", "baseline"], "exists already"),
    ],
)
def test_a_wrong_request_gets_exit_status_2_and_the_nearest_word(project_copy, monkeypatch, capsys, words, expected):
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert expected in said and "Traceback" not in said and len(said.splitlines()) == 1
    assert not (project_copy / "outputs" / "site").exists()


def test_a_request_that_is_wrong_in_many_ways_is_told_at_once_in_the_users_language(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "zh")
    assert main(["run", "--area", "deqin", "anjo", "--scenario", "x", "--set", "a", "--set", "b"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5 and lines[0].startswith("area：'deqin'：没有这个地区；可用：")
    assert lines[-1] == "--set：'b'：须写成 KEY=VALUE 的形式"
    assert main(["run", "--workers", "0"]) == 2
    assert capsys.readouterr().err == "--workers：'0'：须为不小于 1 的整数\n"
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "fr")
    assert main(["explain", "x"]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["ELDERCARE_LANGUAGE", "explain"]


@pytest.mark.parametrize(
    "words", [["--area", "a", "b", "--area", "c", "-q"], ["--area", "a", "--area", "b", "-q", "--area", "c"]]
)
def test_an_option_of_several_values_takes_them_in_a_row_or_one_by_one(words):
    run = commands.commands["run"]
    assert run.make_context("run", words).params["areas"] == ("a", "b", "c")
    assert run.make_context("run", words).params["quiet"]


def test_the_shipped_configuration_is_sound(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    assert main(["check"]) == 0
    assert "no fault found" in capsys.readouterr().out


def test_explain_prints_every_layer_with_its_source(project_copy, monkeypatch, capsys):
    path = project_copy / DEQING
    path.write_text(path.read_text(encoding="utf-8").replace("facts: {}", FACT), encoding="utf-8")
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(["explain", "meals.uptake", "--county", "deqing", "--scenario", "ageing_in_place"]) == 0
    said = capsys.readouterr().out
    for word in (
        "default: 0.1",
        "county: 0.12",
        "scenario: multiply 1.5 = 0.18",
        "[SEED]",
        "deqing.yaml:",
        "助餐服务使用率",
    ):
        assert word in said


def test_the_template_of_a_new_scenario_passes_the_check(project_copy, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(["new-scenario", "my_plan"]) == 0
    assert main(["check"]) == 0
    assert main(["scenarios"]) == 0
    assert "my_plan" in capsys.readouterr().out


def test_parameters_lists_every_key(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    assert main(["parameters", "--county", "anji"]) == 0
    said = capsys.readouterr().out
    assert all(key in said for key in load_project(root).parameters)


def test_a_folder_without_a_project_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ELDERCARE_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "config/parameters" in capsys.readouterr().err


def test_help_and_version_end_well(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"eldercare {__version__}\n"
    for words in (["--help"], *([name, "--help"] for name in commands.commands)):
        assert main(words) == 0
        assert capsys.readouterr().out.startswith("Usage: eldercare")


def test_output_never_fails_on_an_encoding_and_is_utf8_in_a_pipe(root, monkeypatch):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))

    class Terminal(io.BytesIO):
        def isatty(self):
            return True

    for raw, encoding in ((Terminal(), "cp1252"), (io.BytesIO(), "utf-8")):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
        assert main(["scenarios"]) == 0
        sys.stdout.flush()
        said = raw.getvalue().decode(encoding)
        assert ("基准情景" in said) == (encoding == "utf-8") and "Baseline" in said


def test_the_package_runs_as_a_module_and_stops_quietly_when_nobody_reads(root):
    command = f"{sys.executable} -m eldercare parameters | head -1"
    done = subprocess.run(command, shell=True, cwd=root, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("key ") and done.stderr == ""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "gbk"])
def test_no_encoding_of_a_terminal_makes_a_command_fail(root: Path, encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eldercare", "explain", "beds.norm"],
        env=os.environ | {"PYTHONIOENCODING": encoding, "ELDERCARE_ROOT": str(root)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    # Into a pipe goes UTF-8.
    assert (done.returncode, done.stderr) == (0, b"") and "每千名".encode() in done.stdout
