"""YAML read strictly: nothing is guessed, every value keeps its line, every fault is one clear problem."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from eldercare.inputs.errors import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 18
LONGEST_SHOWN = 60

Path = tuple[str | int, ...]

WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
TEXT = "put it in quotes if text is meant"
# What readers of YAML, or people, take for something else than what stands there. The first that fits is told.
TRAPS = tuple(
    (re.compile(pattern, re.IGNORECASE), message)
    for pattern, message in (
        (r"|~|null", "no value; write the word none, or {} for an empty mapping"),
        (r"true|false|yes|no|on|off|y|n", f"not a plain true or false; write true or false, or {TEXT}"),
        (r"[-+]?\.?(inf(inity)?|nan)", "not a finite number"),
        (r"[-+]?0[xob][0-9a-f_]+", f"not a plain number; write it in decimal digits, or {TEXT}"),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?", "a date without quotes; put it in quotes"),
        (
            r"[-+]?[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?",
            f"a colon inside a number, which some readers take for minutes or hours; write a plain number, or {TEXT}",
        ),
        (r"[-+]?[0-9.][0-9.]*_[0-9_.]*", f"an underscore inside a number; write the digits only, or {TEXT}"),
        (r"[-+]?0[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?", f"a leading zero; write the number without it, or {TEXT}"),
        (r"\+[0-9.]+(e[-+]?[0-9]+)?", f"a plus sign; write the number without it, or {TEXT}"),
        (
            r"-?(\.[0-9]+|[0-9]+\.)(e[-+]?[0-9]+)?",
            f"not a plain number; write digits on both sides of the point, such as 0.5, or {TEXT}",
        ),
        (r"[-+]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?", f"a comma inside a number; write the digits only, or {TEXT}"),
        (r"[-+－＋]?[0-9.]*[０-９．][0-9０-９.．]*", f"full-width digits; write plain ones, or {TEXT}"),
        (r"[-+]?[0-9.]+\s*[%％‰]", f"a percent sign; write the share as a plain number, such as 0.25, or {TEXT}"),
    )
)


@dataclass(frozen=True)
class Document:
    """A YAML file as read.

    Attributes
    ----------
    file : str
        Name for messages, relative to the project.
    data : dict
        Plain dict, list, str, bool, int and float; ``None`` stands where a value was at fault.
    lines : dict
        Line number (from 1) of every key and list item by its path, such as ``("beds.norm", "value")``.
    problems : list of Problem
        Every fault found.
    faulty : set
        Paths of the values at fault.
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faulty: set[Path] = field(default_factory=set)

    def where(self, *path: str | int) -> str:
        """Return file and line of a path, or of the nearest one above it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines[path]}" if path else self.file


class _Stop(Exception):
    """The file cannot be read any further."""

    def __init__(self, line: int | None, message: str, hint: str = ""):
        super().__init__(message)
        self.line, self.message, self.hint = line, message, hint


def read_scalar(text: str) -> bool | int | float | str:
    """Return the value of a word without quotes: true, false, a plain number, or text.

    Parameters
    ----------
    text : str
        One scalar, as in a YAML file or after ``--set KEY=``.

    Raises
    ------
    ValueError
        If the text is something that people or programs read in different ways.

    Examples
    --------
    >>> read_scalar("55"), read_scalar("-0.5"), read_scalar("1e3"), read_scalar("true"), read_scalar("none")
    (55, -0.5, 1000.0, True, 'none')
    >>> read_scalar("010")
    Traceback (most recent call last):
    ValueError: a leading zero; write the number without it, or put it in quotes if text is meant
    """
    if text in ("true", "false"):
        return text == "true"
    if DECIMAL.fullmatch(text):
        if sum(c.isdigit() for c in text) > MAX_DIGITS:
            raise ValueError(f"a number of more than {MAX_DIGITS} digits; round it, or {TEXT}")
        if WHOLE.fullmatch(text):
            return int(text)
        number = float(text)
        if not math.isfinite(number):
            raise ValueError("not a finite number")
        return number
    for pattern, message in TRAPS:
        if pattern.fullmatch(text):
            raise ValueError(message)
    return text


def read_yaml(path: File, name: str) -> Document:
    """Return a YAML file that holds one mapping, with the line of every value and every fault.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its name for messages.

    Returns
    -------
    Document
        With ``problems`` instead of an exception, so that the faults of many files can be told at once.
    """
    document = Document(name)
    try:
        text = _text(path)
        data = _Builder(document, _events(text)).document()
        document.data.update(data)
    except _Stop as stop:
        where = name if stop.line is None else f"{name}:{stop.line}"
        document.problems.append(Problem(where, message=stop.message, hint=stop.hint))
    return document


def shown(value: object) -> object:
    """Return a value for a message: long text is cut, and of lists and mappings nothing is shown."""
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return value[:LONGEST_SHOWN] + "..."
    if isinstance(value, list):
        return value if len(value) < 5 and not any(isinstance(v, list | dict) for v in value) else None
    return None if isinstance(value, dict) else value


def _text(path: File) -> str:
    try:
        if not path.is_file():
            raise _Stop(None, "not a file")
        if path.stat().st_size > MAX_BYTES:
            raise _Stop(None, f"larger than {MAX_BYTES:,} bytes", "long tables belong in data/raw")
        content = path.read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Stop(line, "not UTF-8", "save the file with the encoding UTF-8") from error
    except OSError as error:
        raise _Stop(None, f"cannot be read: {error.strerror}") from error
    if "\t" in text:
        raise _Stop(text[: text.index("\t")].count("\n") + 1, "a tab; use spaces")
    return text


# The parser of libyaml where PyYAML was built with it: the same events, many times faster.
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_own(text: str) -> object:
    """Return the content of a YAML file that is part of the package, which needs no message for its faults."""
    return yaml.load(text, Loader=FAST)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from list(yaml.parse(text, Loader=FAST))
        return
    except yaml.YAMLError:
        pass  # read again by the parser whose messages people can follow
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        row = text.split("\n")[line - 1] if line and line <= text.count("\n") + 1 else ""
        reason = " ".join((error.problem or error.context or "syntax error").split())
        raise _Stop(line, f"not readable as YAML: {reason}", _syntax_hint(reason, row)) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise _Stop(line, f"a character that is not allowed: {error.character!r}") from error


def _syntax_hint(reason: str, row: str) -> str:
    if "：" in row:
        return "the colon after a key is the plain ':', followed by a space"
    if "mapping values are not allowed" in reason:
        return "put text that holds ': ' in quotes, and check the indentation"
    if "'%'" in reason or "'@'" in reason or "'`'" in reason:
        return "put the text in quotes"
    return "check quotes, brackets and indentation of this line and the one above"


class _Builder:
    """Makes plain values out of parser events, and notes lines and faults in the document."""

    def __init__(self, document: Document, events: Iterator[yaml.Event]):
        self.into = document
        self.events = events

    def document(self) -> dict[str, Any]:
        event = self._next()
        while not isinstance(event, yaml.DocumentStartEvent | yaml.StreamEndEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise _Stop(None, "empty file")
        if event.version or event.tags:
            raise _Stop(1, "a line that starts with % is not allowed")
        first = self._next()
        if not isinstance(first, yaml.MappingStartEvent):
            raise _Stop(
                first.start_mark.line + 1, "must hold lines of the form key: value", "a space must follow the colon"
            )
        data = self._value(first, ())
        self._next()
        extra = self._next()
        if not isinstance(extra, yaml.StreamEndEvent):
            raise _Stop(extra.start_mark.line + 1, "a second document; only one is allowed in a file")
        return data

    def _next(self) -> yaml.Event:
        return next(self.events)

    def _value(self, event: yaml.Event, path: Path) -> Any:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise _Stop(line, f"alias *{event.anchor} is not allowed; write the value out", _quotes("*"))
        if event.anchor:
            raise _Stop(line, f"anchor &{event.anchor} is not allowed; write the value out", _quotes("&"))
        if event.tag is not None:
            raise _Stop(line, f"tag {event.tag} is not allowed; write the plain value", _quotes("!"))
        if len(path) >= MAX_DEPTH:
            raise _Stop(line, f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        if event.style:  # quoted or a block; none or empty when plain
            return event.value
        try:
            return read_scalar(event.value)
        except ValueError as error:
            self._fault(event.start_mark.line + 1, path, event.value or None, str(error))
            return None

    def _mapping(self, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, path)
            if key in data:
                first = self.into.lines[(*path, key)]
                self._fault(
                    line, (*path, key), None, f"the same key twice, in lines {first} and {line}; each may stand once"
                )
                # The second value is read, to find its faults, and then dropped.
                kept = dict(self.into.lines)
                self._value(self._next(), (*path, key))
                self.into.lines.clear()
                self.into.lines.update(kept)
                continue
            self.into.lines[(*path, key)] = line
            data[key] = self._value(self._next(), (*path, key))
        return data

    def _key(self, event: yaml.Event, path: Path) -> str:
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "a list or mapping"
            raise _Stop(line, f"{what} as key; a key must be one word")
        if event.style is None and event.value == "<<":
            raise _Stop(line, "merge key << is not allowed; write the values out")
        key = self._value(event, (*path, event.value))
        if key is not None and not isinstance(key, str):
            self._fault(line, (*path, event.value), None, "a key must be text", "put it in quotes")
        elif key is not None and not key.strip():
            raise _Stop(line, "an empty key")
        return event.value

    def _sequence(self, path: Path) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            place = (*path, len(data))
            self.into.lines[place] = event.start_mark.line + 1
            data.append(self._value(event, place))
        return data

    def _fault(self, line: int, path: Path, value: object, message: str, hint: str = "") -> None:
        key = ".".join(map(str, path))
        self.into.faulty.add(path)
        self.into.problems.append(Problem(f"{self.into.file}:{line}", key, shown(value), message, hint))


def _quotes(sign: str) -> str:
    return f"text that starts with {sign} must stand in quotes"
