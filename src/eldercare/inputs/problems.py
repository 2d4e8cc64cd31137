"""A fault of the request or the inputs: its one form, its message in the user's language, the nearest spelling.

Messages are marked with ``_("... {field}", field=...)`` where they arise and stand in Chinese in ``locale/zh.po``.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Self

LANGUAGES = ("en", "zh")
# Of a longer text no more is shown.
LONGEST_SHOWN = 60
# From so many more rows with one cause on, one is told for all.
MANY = 5
ROW = re.compile(r" row ([0-9]+)$")


class Message(str):
    """A clause in English that keeps its template and fields, so that it can be told in another language later.

    Examples
    --------
    >>> message = Message("must equal the file name {name}", name="north")
    >>> print(message, message.told("zh"))
    must equal the file name north 须与文件名 north 相同
    """

    template: str
    fields: dict[str, object]

    def __new__(cls, template: str = "", /, **fields: object) -> Self:
        """Fill in the fields."""
        message = super().__new__(cls, template.format(**fields))
        message.template, message.fields = template, fields
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:  # to come whole out of a worker process
        return (self.template,), self.fields

    def told(self, language: str) -> str:
        """Return the message in a language; in English where the catalogue does not have it."""
        fields = {n: field.told(language) if isinstance(field, Message) else field for n, field in self.fields.items()}
        return _catalogue(language).get(self.template, self.template).format(**fields)


_ = Message
NOTHING = Message()


def reason(error: OSError) -> Message:
    """Return what the operating system says, as a message; those of ``tools/system_messages.py`` have a Chinese one."""
    return Message((error.strerror or str(error)).replace("{", "{{").replace("}", "}}"))


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    if language == "en":
        return {}
    from babel.messages.pofile import read_po  # not needed for English

    with (resources.files("eldercare") / "locale" / f"{language}.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream) if message.id}


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it stands, what was found, what is allowed.

    ``where`` is a file, with line or row when known, or an option; ``key`` the parameter, column or option at fault;
    ``message`` what is wrong and allowed, as one clause; ``hint`` the nearest allowed spelling, or how to mend it.
    """

    where: str
    key: str = ""
    value: object = None
    message: Message = NOTHING
    hint: Message = NOTHING

    def told(self, language: str) -> str:
        """Return the fault as one line, whatever stands in the file.

        Examples
        --------
        >>> problem = Problem("x.csv row 3", "year", "202O", Message("must be a number"))
        >>> print(problem.told("en"))
        x.csv row 3: year = '202O': must be a number
        >>> print(problem.told("zh"))
        x.csv 第3行：year = '202O'：须为数字
        """
        value = self.value
        if isinstance(value, str) and len(value) > LONGEST_SHOWN:
            value = f"{value[:LONGEST_SHOWN]}..."
        what = " = ".join(part for part in (self.key, "" if value is None else repr(value)) if part)
        hint = self.hint.told(language)
        if language == "zh":
            place, colon, hint = ROW.sub(r" 第\1行", self.where), "：", hint and f"（{hint}）"
        else:
            place, colon, hint = self.where, ": ", hint and f" ({hint})"
        parts = (place, what, self.message.told(language) + hint)
        return " ".join(colon.join(part for part in parts if part).split("\n"))

    def __str__(self) -> str:
        return self.told("en")


def folded(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield problems, but of many rows of a file with one cause the first alone, which says how many more there are."""
    causes: dict[object, list[Problem]] = {}
    for problem in problems:
        cause = ROW.sub("", problem.where), problem.key, problem.message.template
        causes.setdefault(cause if ROW.search(problem.where) else id(problem), []).append(problem)
    for first, *others in causes.values():
        if len(others) < MANY:
            yield from (first, *others)
        else:
            told = _("the same in {number} more rows", number=len(others))
            if first.hint:
                told = _("{hint}; the same in {number} more rows", hint=first.hint, number=len(others))
            yield replace(first, hint=told)


class InputError(ValueError):
    """The request or the inputs are wrong; carries every problem found, one line each."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Problem]]]:  # to come whole out of a worker process
        return type(self), (self.problems,)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InputError with all problems, if there are any."""
    if told := list(problems):
        raise InputError(told)


@contextmanager
def kept(problems: list[Problem]) -> Iterator[None]:
    """Add the problems of an InputError to others, and go on."""
    try:
        yield
    except InputError as error:
        problems += error.problems


def did_you_mean(word: str, allowed: Iterable[str]) -> Message:
    """Return ``did you mean X?`` for the nearest allowed word, whatever its case, or an empty message.

    Examples
    --------
    >>> print(did_you_mean("nort", ["north", "EAST"]), did_you_mean("Eas", ["north", "EAST"]))
    did you mean north? did you mean EAST?
    >>> print(did_you_mean("zzz", ["north", "EAST"]))
    <BLANKLINE>
    """
    by_lower = {name.lower(): name for name in allowed}
    matches = get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return _("did you mean {word}?", word=by_lower[matches[0]]) if matches else NOTHING


def listed(names: Iterable[object]) -> Message:
    """Return which names are allowed."""
    return _("allowed are {names}", names=", ".join(map(str, names)))


def message_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of messages: of ELDERCARE_LANGUAGE (InputError: no language), the locale, or else English.

    Examples
    --------
    >>> message_language({"LANG": "zh_CN.UTF-8"}), message_language({"LANG": "zh_CN.UTF-8", "ELDERCARE_LANGUAGE": "en"})
    ('zh', 'en')
    """
    if named := environment.get("ELDERCARE_LANGUAGE"):
        if named not in LANGUAGES:
            raise InputError(Problem("ELDERCARE_LANGUAGE", value=named, message=listed(LANGUAGES)))
        return named
    set_here = [environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)]
    if sys.platform == "win32":
        import ctypes
        import locale

        set_here.append(locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), ""))
    return "zh" if set_here and set_here[0].lower().startswith("zh") else "en"
