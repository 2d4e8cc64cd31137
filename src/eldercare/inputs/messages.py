"""The language of messages: English as it stands in the code, Chinese from the catalogue messages.yaml.

The English text is the key, as with gettext; `ELDERCARE_LANGUAGE`, else the locale, decides which is shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from eldercare.inputs.errors import InputError, Problem
from eldercare.inputs.strict_yaml import read_own

LANGUAGES = ("en", "zh")
VARIABLE = "ELDERCARE_LANGUAGE"
FIELD = re.compile(r"\{([a-z]+)\}")
ROW = re.compile(r" row ([0-9]+)$")


def message_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of messages: the variable ELDERCARE_LANGUAGE, else that of the locale, else English.

    Raises
    ------
    InputError
        If the variable names another language.

    Examples
    --------
    >>> message_language({"LANG": "zh_CN.UTF-8"}), message_language({"LANG": "zh_CN.UTF-8", "ELDERCARE_LANGUAGE": "en"})
    ('zh', 'en')
    """
    named = environment.get(VARIABLE)
    if named:
        if named not in LANGUAGES:
            raise InputError(Problem(VARIABLE, value=named, message=f"allowed are {', '.join(LANGUAGES)}"))
        return named
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


@cache
def _catalogue() -> list[tuple[re.Pattern[str], str]]:
    """Return pattern and Chinese text of every message, the one with the most fixed letters first."""
    text = (resources.files("eldercare.inputs") / "messages.yaml").read_text(encoding="utf-8")
    entries = sorted(read_own(text).items(), key=lambda entry: -len(FIELD.sub("", entry[0])))
    return [(_pattern(english), chinese) for english, chinese in entries]


def _pattern(english: str) -> re.Pattern[str]:
    parts = FIELD.split(english)
    fixed = [re.escape(part) if i % 2 == 0 else f"(?P<{part}>.+?)" for i, part in enumerate(parts)]
    return re.compile("".join(fixed), re.DOTALL)


def in_chinese(text: str) -> str:
    """Return a message in Chinese; as it is when the catalogue does not know it.

    Examples
    --------
    >>> in_chinese("out of bounds; a number from 1 to 200 is allowed")
    '超出范围；可取 1 至 200 的数'
    """
    for pattern, chinese in _catalogue():
        if found := pattern.fullmatch(text):
            values = {name: in_chinese(value) for name, value in found.groupdict().items()}
            return FIELD.sub(lambda field, values=values: values[field[1]], chinese)
    return text


def told(problem: Problem, language: str) -> str:
    """Return a fault as one line in a language.

    Examples
    --------
    >>> print(told(Problem("x.csv row 3", "year", "202O", "not a whole number such as 1207"), "zh"))
    x.csv 第3行：year = '202O'：不是整数，如 1207
    """
    if language == "en":
        line = str(problem)
    else:
        place = ROW.sub(r" 第\1行", problem.where)
        what = " = ".join(part for part in (problem.key, "" if problem.value is None else repr(problem.value)) if part)
        hint = f"（{in_chinese(problem.hint)}）" if problem.hint else ""
        line = "：".join(part for part in (place, what, in_chinese(problem.message) + hint) if part)
    # One fault is one line, whatever stands in the file.
    return " ".join(line.split("\n")) if "\n" in line else line
