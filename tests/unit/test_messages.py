"""Messages about faults: every one in both languages, the language chosen by the user, one line for each."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import InputError, Problem
from eldercare.inputs.messages import FIELD, _catalogue, in_chinese, message_language, told
from eldercare.inputs.strict_yaml import TRAPS

HANZI = re.compile(r"[\u4e00-\u9fff]")
# Makers of faults, and the modules whose ValueErrors and returned sentences become messages.
MAKERS = {"Problem", "_Stop", "fault", "_fault"}
SPEAKING = {"strict_yaml.py", "parameters.py", "cells.py"}


def sentences(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression may become, with a sample in each field."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else sample(part) for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*sentences(node.body), *sentences(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (text for value in node.values for text in sentences(value))


def sample(field: ast.FormattedValue) -> str:
    text = ast.unparse(field.value)
    return {"kind": "a number", "wanted": "a whole number such as 1207"}.get(text, "XYZ")


def messages(root: Path) -> set[str]:
    """Return every message and hint that stands in the code."""
    found: set[str] = set()
    for file in sorted((root / "src" / "eldercare").rglob("*.py")):
        if file.name == "messages.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in MAKERS or (name == "ValueError" and file.name == "strict_yaml.py"):
                    given = [k.value for k in node.keywords if k.arg in ("message", "hint")]
                    # In a Problem message and hint come fourth and fifth; the others have them anywhere.
                    given += node.args[3:5] if name == "Problem" else node.args
                    found.update(text for one in given for text in sentences(one) if " " in text)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if node.targets[0].id in ("message", "hint"):
                    found.update(sentences(node.value))
            elif isinstance(node, ast.Return) and node.value and file.name in SPEAKING:
                found.update(text for text in sentences(node.value) if " " in text and not text.startswith("'"))
    return {text for text in found if text.strip()}


def test_every_message_of_the_code_has_its_chinese(root):
    texts = messages(root) | {message for _, message in TRAPS}
    assert len(texts) > 120
    silent = sorted(text for text in texts if not HANZI.search(in_chinese(text)))
    assert silent == [], "add them to src/eldercare/inputs/messages.yaml"


def test_chinese_messages_keep_every_field_and_use_chinese_signs():
    import yaml

    import eldercare.inputs

    text = (Path(eldercare.inputs.__file__).parent / "messages.yaml").read_text(encoding="utf-8")
    for english, chinese in yaml.safe_load(text).items():
        assert set(FIELD.findall(english)) >= set(FIELD.findall(chinese)), english
        prose = re.sub(r"\[.*?\]", "", chinese)
        assert HANZI.search(chinese) and not re.search(r"[\u4e00-\u9fff][,?;]", prose), chinese
    assert len(_catalogue()) > 150


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
    assert said.startswith("scenario：'base_line'：没有这个名称；可用：baseline, ") and "是否应为 baseline？" in said


def test_a_value_over_several_lines_stays_one_line():
    problem = Problem("x.yaml:3", "key", None, "not readable as YAML: first\nsecond")
    assert "\n" not in told(problem, "en") and "\n" not in told(problem, "zh")


def test_problems_come_whole_out_of_a_worker():
    error = InputError([Problem("a", "b", 1, "c"), Problem("d")])
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems and str(again) == str(error)
