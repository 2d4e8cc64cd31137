"""Faults in both languages: every message has its Chinese, the user chooses the language, a fault is one line."""

from __future__ import annotations

import pickle
import re
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from eldercare.cli import main
from eldercare.inputs import InputError
from eldercare.inputs.problems import Message, Problem, did_you_mean, message_language, reason

HANZI = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def catalogue(root):
    with (root / "src" / "eldercare" / "locale" / "zh.po").open("rb") as stream:
        return {message.id: message.string for message in read_po(stream) if message.id}


def fields(template: str) -> set[tuple]:
    return {part[1:] for part in Formatter().parse(template) if part[1] is not None}


def test_the_catalogue_has_every_message_of_the_code_and_no_other(root, catalogue):
    places = {"src/eldercare": "**.py", "tools": "system_messages.py"}
    found = [extract_from_dir(root / folder, [(files, "python")]) for folder, files in places.items()]
    marked = {message for messages in found for _, _, message, *_ in messages}
    assert len(marked) > 90
    assert marked == set(catalogue), "run: sh tools/messages.sh, and fill in src/eldercare/locale/zh.po"


def test_chinese_messages_have_the_same_fields_and_chinese_signs(catalogue):
    for english, chinese in catalogue.items():
        assert fields(english) == fields(chinese), english
        prose = re.sub(r"\[.*?\]", "", chinese)
        assert HANZI.search(chinese) and not re.search(r"[\u4e00-\u9fff][,?;]", prose), chinese


def test_a_message_is_told_in_either_language_with_the_messages_inside_it():
    inner = Message("a number from {low:g} to {high:g} is allowed", low=1.0, high=200)
    outer = pickle.loads(pickle.dumps(Message("out of bounds; {allowed}", allowed=inner)))
    assert outer == "out of bounds; a number from 1 to 200 is allowed"
    assert outer.told("zh") == "超出范围；可取 1 至 200 的数"
    assert Message("unknown to the catalogue").told("zh") == "unknown to the catalogue"


def test_what_the_system_says_is_a_message_whatever_it_holds():
    assert reason(PermissionError(13, "Permission denied")).told("zh") == "没有权限"
    assert reason(OSError(5, "bad {thing}")) == "bad {thing}"
    assert reason(OSError("no number")) == "no number"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "ELDERCARE_LANGUAGE": "zh"}, "zh"),
    ],
)
def test_the_variable_goes_before_the_locale_and_english_is_the_default(environment, language):
    assert message_language(environment) == language


def test_another_language_is_refused():
    with pytest.raises(InputError, match="allowed are en, zh"):
        message_language({"ELDERCARE_LANGUAGE": "fr"})


def test_a_wrong_name_is_told_in_chinese_with_the_nearest(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "zh")
    assert main(["run", "--scenario", "base_line"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("scenario：'base_line'：没有这个情景；可用：baseline, ") and "是否应为 baseline？" in said


def test_a_fault_is_one_line_and_of_a_long_value_the_beginning():
    problem = Problem("x.yaml:3", "key", "x" * 500, Message("not readable as YAML: {reason}", reason="first\nsecond"))
    assert problem.told("en") == f"x.yaml:3: key = '{'x' * 60}...': not readable as YAML: first second"
    assert problem.told("zh") == f"x.yaml:3：key = '{'x' * 60}...'：不是可读的 YAML：first second"


def test_problems_come_whole_out_of_a_worker():
    error = InputError(
        [Problem("a", "b", 1, Message("must be a number"), did_you_mean("nort", ["north"])), Problem("d")]
    )
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems and str(again) == str(error)
    assert [problem.told("zh") for problem in again.problems] == ["a：b = 1：须为数字（是否应为 north？）", "d"]
