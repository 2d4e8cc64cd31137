"""YAML read strictly: nothing is guessed, every value keeps its line, every fault is one clear problem."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as File
from typing import Any

import yaml

from eldercare.inputs.guards import UNSEEN, read_bytes
from eldercare.inputs.problems import NOTHING, InputError, Message, Problem, _, refuse

MAX_BYTES, MAX_DEPTH, MAX_DIGITS = 1_000_000, 20, 18

Path = tuple[str | int, ...]

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
SEXAGESIMAL, BARE_POINT = r"[-+]?[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?", r"-?(\.[0-9]+|[0-9]+\.)(e[-+]?[0-9]+)?"
# What readers of YAML, or people, take for something else than what stands there. The first that fits is told.
TRAPS = (
    (r"|~|null", _("no value; write the word none, or {{}} for an empty mapping")),
    (r"true|false|yes|no|on|off|y|n", _("not a plain true or false; write true or false")),
    (r"[-+]?\.?(inf(inity)?|nan)", _("not a finite number")),
    (r"[-+]?0[xob][0-9a-f_]+", _("not a plain number; write it in decimal digits")),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?", _("a date without quotes")),
    (SEXAGESIMAL, _("a colon inside a number, which some readers take for minutes or hours; write a plain number")),
    (r"[-+]?[0-9.][0-9.]*_[0-9_.]*", _("an underscore inside a number; write the digits only")),
    (r"[-+]?0[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?", _("a leading zero; write the number without it")),
    (r"\+[0-9.]+(e[-+]?[0-9]+)?", _("a plus sign; write the number without it")),
    (BARE_POINT, _("not a plain number; write digits on both sides of the point, such as 0.5")),
    (r"[-+]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?", _("a comma inside a number; write the digits only")),
    (r"[-+－＋]?[0-9.]*[０-９．][0-9０-９.．]*", _("full-width digits; write plain ones")),
    (r"[-+]?[0-9.]+\s*[%％‰]", _("a percent sign; write the share as a plain number, such as 0.25")),
)
ANY_TRAP = re.compile("|".join(f"(?:{pattern})" for pattern, _message in TRAPS), re.IGNORECASE)
# The parser of libyaml where PyYAML was built with it: many times faster. It leaves every scalar a text.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Document:
    """A file as read: its name for messages, its plain values, and the line (from 1) of every key and list item."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    # By the path of a value, such as ("beds.norm", "value"); in a workbook they are cells.
    lines: dict[Path, int | str] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """Return file and line of a path, or of the nearest one above it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines[path]}" if path else self.file


def read_scalar(text: str) -> bool | int | float | str:
    """Return the value of a word without quotes, in a YAML file or after --set: true, false, plain number, or text.

    ValueError if people or programs read the text in different ways; its argument is a Message.

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
        raise ValueError(next(message for pattern, message in TRAPS if re.fullmatch(pattern, text, re.IGNORECASE)))
    return text


def scalar(text: str) -> bool | int | float | str:
    """Return the value of a word as `read_scalar` does; what people read in different ways stays a text."""
    try:
        return read_scalar(text)
    except ValueError:
        return text


def read_own(text: str) -> Any:
    """Return the content of a YAML file that is part of the package, which needs no message for its faults."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_yaml(path: File, name: str) -> Document:
    """Return a YAML file that holds one mapping, by ``name`` in messages; InputError with every fault of the file."""
    content = read_bytes(path, name, MAX_BYTES, _("long tables belong in data/raw"))
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message, hint = _("not UTF-8"), _("save the file with the encoding UTF-8")
        raise InputError(Problem(f"{name}:{line}", message=message, hint=hint)) from error
    if strange := re.search("\t", text) or yaml.reader.Reader.NON_PRINTABLE.search(text):
        message = _("a character that is not allowed: {character!r}", character=strange[0])
        line = text.count("\n", 0, strange.start()) + 1
        raise InputError(Problem(f"{name}:{line}", message=_("a tab; use spaces") if strange[0] == "\t" else message))
    return parse_yaml(name, text)


# A long-lived process, such as the tests, reads the same content again and again.
@lru_cache(maxsize=256)
def parse_yaml(name: str, text: str) -> Document:
    """Return the text of a YAML file as `read_yaml` does."""
    reader = _Reader(name, text)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        why = " ".join((error.problem or error.context or "syntax error").split())
        hint = _syntax_hint(why, (text.split("\n") + [""])[line - 1])
        raise reader.end(line, _("not readable as YAML: {reason}", reason=why), hint) from error


def _syntax_hint(why: str, row: str) -> Message:
    if "：" in row:
        return _("the colon after a key is the plain ':', followed by a space")
    if "mapping values are not allowed" in why:
        return _("put text that holds ': ' in quotes, and check the indentation")
    if "cannot start any token" in why:
        return _("put the text in quotes")
    return _("check quotes, brackets and indentation of this line and the one above")


class _Reader:
    """Makes plain values out of the parser's events, and notes lines and faults."""

    def __init__(self, name: str, text: str):
        self.into, self.problems = Document(name), list[Problem]()
        self.events = self._nodes(text)

    def document(self) -> Document:
        """Return what the file holds; InputError with its faults."""
        first = next(self.events, None)
        if first is None:
            raise InputError(Problem(self.into.file, message=_("empty file")))
        if not isinstance(first, yaml.MappingStartEvent):
            message, hint = _("must hold lines of the form key: value"), _("a space must follow the colon")
            raise self.end(_line(first), message, hint)
        self.into.data.update(self._value(first, ()))
        next(self.events, None)
        refuse(self.problems)
        return self.into

    def end(self, line: int, message: Message, hint: Message = NOTHING) -> InputError:
        """Return the error of a fault after which the file cannot be read any further."""
        return InputError([*self.problems, Problem(f"{self.into.file}:{line}", "", None, message, hint)])

    def _fault(self, at: yaml.Event, path: Path, message: Message, hint: Message = NOTHING, value: Any = None) -> None:
        self.problems.append(Problem(f"{self.into.file}:{_line(at)}", ".".join(map(str, path)), value, message, hint))

    def _nodes(self, text: str) -> Iterator[yaml.Event]:
        """Yield the parts of the one document; it uses no more of YAML than people can follow."""
        documents = 0
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.NodeEvent):
                sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if event.anchor else ""
                tag = getattr(event, "tag", None)
                if sign or tag is not None:
                    message = _("{what} is not allowed; write the plain value", what=f"{sign}{event.anchor or tag}")
                    hint = _("text that starts with {sign} must stand in quotes", sign=sign or "!")
                    raise self.end(_line(event), message, hint)
                yield event
            elif isinstance(event, yaml.CollectionEndEvent):
                yield event
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if event.version or event.tags:
                    raise self.end(_line(event), _("a line that starts with % is not allowed"))
                if documents > 1:
                    raise self.end(_line(event), _("a second document; only one is allowed in a file"))

    def _value(self, event: yaml.Event, path: Path) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            if event.style:  # quoted or a block; none or empty when plain
                if unseen := UNSEEN.search(event.value):
                    self._fault(event, path, _("a character that is not allowed: {character!r}", character=unseen[0]))
                return event.value
            try:
                return read_scalar(event.value)
            except ValueError as error:
                self._fault(event, path, error.args[0], _("put it in quotes if text is meant"), event.value or None)
                return None
        if len(path) >= MAX_DEPTH:
            raise self.end(_line(event), _("nested more than {number} levels deep", number=MAX_DEPTH))
        is_mapping, entries = isinstance(event, yaml.MappingStartEvent), dict[str | int, Any]()
        while not isinstance(event := next(self.events), yaml.CollectionEndEvent):
            key = self._key(event, path) if is_mapping else len(entries)
            place = (*path, key)
            if key in entries:
                lines = {"first": self.into.lines[place], "line": _line(event)}
                twice = _("the same key twice, in lines {first} and {line}; each may stand once", **lines)
                self._fault(event, place, twice)
            else:
                self.into.lines[place] = _line(event)
            entries[key] = self._value(next(self.events) if is_mapping else event, place)
        return entries if is_mapping else list(entries.values())

    def _key(self, event: yaml.Event, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self.end(_line(event), _("a list or mapping as key; a key must be one word"))
        if not event.style and event.value == "<<":
            raise self.end(_line(event), _("merge key << is not allowed; write the values out"))
        key = self._value(event, (*path, event.value))
        if key is not None and not isinstance(key, str):
            self._fault(event, (*path, event.value), _("a key must be text"), _("put it in quotes"))
        elif key is not None and not key.strip():
            raise self.end(_line(event), _("an empty key"))
        return str(event.value)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
