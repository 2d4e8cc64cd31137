"""YAML read strictly: nothing is guessed, every value keeps its line, every fault is one clear problem."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from eldercare.inputs.problems import NOTHING, Message, Problem, _, reason

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 18

Path = tuple[str | int, ...]

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
QUOTES = _("put it in quotes if text is meant")
# What readers of YAML, or people, take for something else than what stands there. The first that fits is told.
TRAPS = tuple(
    (re.compile(pattern, re.IGNORECASE), message)
    for pattern, message in (
        (r"|~|null", _("no value; write the word none, or {{}} for an empty mapping")),
        (r"true|false|yes|no|on|off|y|n", _("not a plain true or false; write true or false")),
        (r"[-+]?\.?(inf(inity)?|nan)", _("not a finite number")),
        (r"[-+]?0[xob][0-9a-f_]+", _("not a plain number; write it in decimal digits")),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?", _("a date without quotes")),
        (
            r"[-+]?[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?",
            _("a colon inside a number, which some readers take for minutes or hours; write a plain number"),
        ),
        (r"[-+]?[0-9.][0-9.]*_[0-9_.]*", _("an underscore inside a number; write the digits only")),
        (r"[-+]?0[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?", _("a leading zero; write the number without it")),
        (r"\+[0-9.]+(e[-+]?[0-9]+)?", _("a plus sign; write the number without it")),
        (
            r"-?(\.[0-9]+|[0-9]+\.)(e[-+]?[0-9]+)?",
            _("not a plain number; write digits on both sides of the point, such as 0.5"),
        ),
        (r"[-+]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?", _("a comma inside a number; write the digits only")),
        (r"[-+－＋]?[0-9.]*[０-９．][0-9０-９.．]*", _("full-width digits; write plain ones")),
        (r"[-+]?[0-9.]+\s*[%％‰]", _("a percent sign; write the share as a plain number, such as 0.25")),
    )
)
ANY_TRAP = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _message in TRAPS), re.IGNORECASE)
# The parser of libyaml where PyYAML was built with it: many times faster. It leaves every scalar a text.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


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
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def where(self, *path: str | int) -> str:
        """Return file and line of a path, or of the nearest one above it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines[path]}" if path else self.file


class _Stop(Exception):
    """The file cannot be read any further."""

    def __init__(self, line: int | None, message: Message, hint: Message = NOTHING):
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
        If the text is something that people or programs read in different ways; its argument is a Message.

    Examples
    --------
    >>> read_scalar("55"), read_scalar("-0.5"), read_scalar("1e3"), read_scalar("true"), read_scalar("none")
    (55, -0.5, 1000.0, True, 'none')
    >>> read_scalar("010")
    Traceback (most recent call last):
    ValueError: a leading zero; write the number without it
    """
    if text in ("true", "false"):
        return text == "true"
    if NUMBER.fullmatch(text):
        if sum(c.isdigit() for c in text) > MAX_DIGITS:
            raise ValueError(_("a number of more than {digits} digits; round it", digits=MAX_DIGITS))
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(_("not a finite number"))
        return number if set(text) & set(".eE") else int(text)
    if ANY_TRAP.fullmatch(text):
        raise ValueError(next(message for pattern, message in TRAPS if pattern.fullmatch(text)))
    return text


def read_own(text: str) -> Any:
    """Return the content of a YAML file that is part of the package, which needs no message for its faults."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


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
        try:
            events = _events(text)
            first = next(events, None)
            if first is None:
                raise _Stop(None, _("empty file"))
            if not isinstance(first, yaml.MappingStartEvent):
                hint = _("a space must follow the colon")
                raise _Stop(_line(first), _("must hold lines of the form key: value"), hint)
            document.data.update(_mapping(document, events, ()))
            next(events, None)
        except yaml.MarkedYAMLError as error:
            raise _not_yaml(error, text) from error
    except _Stop as stop:
        where = name if stop.line is None else f"{name}:{stop.line}"
        document.problems.append(Problem(where, message=stop.message, hint=stop.hint))
    return document


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _text(path: File) -> str:
    content = b""
    try:
        if not path.is_file():
            raise _Stop(None, _("not a file"))
        if path.stat().st_size > MAX_BYTES:
            hint = _("long tables belong in data/raw")
            raise _Stop(None, _("larger than {number:,} bytes", number=MAX_BYTES), hint)
        content = path.read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Stop(line, _("not UTF-8"), _("save the file with the encoding UTF-8")) from error
    except OSError as error:
        raise _Stop(None, _("cannot be read: {reason}", reason=reason(error))) from error
    if "\t" in text:
        raise _Stop(text[: text.index("\t")].count("\n") + 1, _("a tab; use spaces"))
    if strange := yaml.reader.Reader.NON_PRINTABLE.search(text):
        message = _("a character that is not allowed: {character!r}", character=strange[0])
        raise _Stop(text[: strange.start()].count("\n") + 1, message)
    return text


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the parts of the one document of a text; it uses no more of YAML than people can follow."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.NodeEvent):
            depth += isinstance(event, yaml.CollectionStartEvent)
            if isinstance(event, yaml.AliasEvent):
                message = _("alias *{name} is not allowed; write the value out", name=event.anchor)
                raise _Stop(_line(event), message, _quotes("*"))
            if event.anchor:
                message = _("anchor &{name} is not allowed; write the value out", name=event.anchor)
                raise _Stop(_line(event), message, _quotes("&"))
            if (tag := getattr(event, "tag", None)) is not None:
                message = _("tag {name} is not allowed; write the plain value", name=tag)
                raise _Stop(_line(event), message, _quotes("!"))
            if depth > MAX_DEPTH:
                raise _Stop(_line(event), _("nested more than {number} levels deep", number=MAX_DEPTH))
            yield event
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            yield event
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if event.version or event.tags:
                raise _Stop(_line(event), _("a line that starts with % is not allowed"))
            if documents > 1:
                raise _Stop(_line(event), _("a second document; only one is allowed in a file"))


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> _Stop:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    row = text.split("\n")[line - 1] if line and line <= text.count("\n") + 1 else ""
    why = " ".join((error.problem or error.context or "syntax error").split())
    return _Stop(line, _("not readable as YAML: {reason}", reason=why), _syntax_hint(why, row))


def _quotes(sign: str) -> Message:
    return _("text that starts with {sign} must stand in quotes", sign=sign)


def _syntax_hint(why: str, row: str) -> Message:
    if "：" in row:
        return _("the colon after a key is the plain ':', followed by a space")
    if "mapping values are not allowed" in why:
        return _("put text that holds ': ' in quotes, and check the indentation")
    if "cannot start any token" in why:
        return _("put the text in quotes")
    return _("check quotes, brackets and indentation of this line and the one above")


def _value(document: Document, events: Iterator[yaml.Event], event: yaml.Event, path: Path) -> Any:
    if isinstance(event, yaml.ScalarEvent):
        if event.style:  # quoted or a block; none or empty when plain
            return event.value
        try:
            return read_scalar(event.value)
        except ValueError as error:
            _fault(document, event, path, error.args[0], QUOTES, event.value or None)
            return None
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(document, events, path)
    items: list[Any] = []
    while not isinstance(item := next(events), yaml.SequenceEndEvent):
        place = (*path, len(items))
        document.lines[place] = _line(item)
        items.append(_value(document, events, item, place))
    return items


def _mapping(document: Document, events: Iterator[yaml.Event], path: Path) -> dict[str, Any]:
    data: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _key(document, event, path)
        place = (*path, key)
        if key in data:
            lines = {"first": document.lines[place], "line": _line(event)}
            twice = _("the same key twice, in lines {first} and {line}; each may stand once", **lines)
            _fault(document, event, place, twice)
            _value(Document(document.file), events, next(events), place)
        else:
            document.lines[place] = _line(event)
            data[key] = _value(document, events, next(events), place)
    return data


def _key(document: Document, event: yaml.Event, path: Path) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise _Stop(_line(event), _("a list or mapping as key; a key must be one word"))
    if not event.style and event.value == "<<":
        raise _Stop(_line(event), _("merge key << is not allowed; write the values out"))
    key = _value(document, iter(()), event, (*path, event.value))
    if key is not None and not isinstance(key, str):
        _fault(document, event, (*path, event.value), _("a key must be text"), _("put it in quotes"))
    elif key is not None and not key.strip():
        raise _Stop(_line(event), _("an empty key"))
    return str(event.value)


def _fault(
    document: Document, event: yaml.Event, path: Path, message: Message, hint: Message = NOTHING, value: object = None
) -> None:
    key = ".".join(map(str, path))
    document.problems.append(Problem(f"{document.file}:{_line(event)}", key, value, message, hint))
