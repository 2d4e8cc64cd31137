"""Messages that are not marked yet: Chinese by recognising the English text. Goes when the last of them is marked."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from eldercare.inputs.problems import Message, Problem, message_language
from eldercare.inputs.strict_yaml import read_own

__all__ = ["in_chinese", "message_language", "told"]
FIELD = re.compile(r"\{([a-z]+)\}")


@cache
def _catalogue() -> list[tuple[re.Pattern[str], str]]:
    text = (resources.files("eldercare.inputs") / "messages.yaml").read_text(encoding="utf-8")
    entries = sorted(read_own(text).items(), key=lambda entry: -len(FIELD.sub("", entry[0])))
    return [(_pattern(english), chinese) for english, chinese in entries]


def _pattern(english: str) -> re.Pattern[str]:
    parts = FIELD.split(english)
    fixed = [re.escape(part) if i % 2 == 0 else f"(?P<{part}>.+?)" for i, part in enumerate(parts)]
    return re.compile("".join(fixed), re.DOTALL)


def in_chinese(text: str) -> str:
    """Return a message in Chinese; as it is when the catalogue does not know it."""
    if isinstance(text, Message):
        return text.told("zh")
    for pattern, chinese in _catalogue():
        if found := pattern.fullmatch(text):
            values = {name: in_chinese(value) for name, value in found.groupdict().items()}
            return FIELD.sub(lambda field, values=values: values[field[1]], chinese)
    return text


def told(problem: Problem, language: str) -> str:
    """Return a fault as one line in a language."""
    return problem.told(language)
