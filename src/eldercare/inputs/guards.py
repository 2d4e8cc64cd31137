"""Guards: what is held against every file, name and text that comes from outside, for all that read or write one."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from eldercare.inputs.problems import NOTHING, InputError, Message, Problem, _, reason

MAX_BYTES = 50_000_000
# How a cell begins that a spreadsheet program would compute.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = dict.fromkeys(map(ord, "\t\r\n"), " ")
# What a terminal obeys or turns round instead of showing it; lines may break.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def read_bytes(path: Path, where: str, limit: int = MAX_BYTES, hint: Message = NOTHING) -> bytes:
    """Return the bytes of a file; InputError when it is no regular file, too large (with the hint) or not readable."""
    try:
        if not path.is_file():
            raise InputError(Problem(where, message=_("no regular file") if path.exists() else _("file not found")))
        if path.stat().st_size > limit:
            raise InputError(Problem(where, message=_("larger than {size:,} bytes", size=limit), hint=hint))
        return path.read_bytes()
    except OSError as error:
        raise InputError(Problem(where, message=_("cannot be read: {reason}", reason=reason(error)))) from error


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Tell what the system says against writing as an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(Problem(where, message=_("cannot be written: {reason}", reason=reason(error)))) from error


def write_bytes(path: Path, where: str, content: bytes) -> None:
    """Put a file into place at once; InputError when it cannot be written."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with writing(where):
            aside.write_bytes(content)
            aside.replace(path)
    finally:
        with suppress(OSError):
            aside.unlink()


def read_json(path: Path, where: str) -> Any:
    """Return the content of a JSON file; InputError as `read_bytes`, and when it is none."""
    return as_json(read_bytes(path, where), where)


def as_json(content: bytes, where: str) -> Any:
    """Return the content of a JSON file that was read; InputError when it is none."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(where, message=_("not readable as JSON in UTF-8: {reason}", reason=error))) from error


def is_inside(name: str) -> bool:
    """Say whether a relative path stays in its folder.

    Examples
    --------
    >>> is_inside("data/x.csv"), is_inside("data/../../x.csv"), is_inside("/x.csv")
    (True, False, False)
    """
    return not Path(name).is_absolute() and ".." not in Path(name).parts and "\0" not in name


@cache  # a column of words holds few different ones
def neutral(text: str) -> str:
    """Return a text in one line that no spreadsheet program takes for a formula.

    Examples
    --------
    >>> neutral("=1+1"), neutral("\\t@x"), neutral("north")
    ("'=1+1", "' @x", 'north')
    """
    line = text.translate(BREAKS)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def printable(text: str) -> str:
    """Return a text as a terminal shows it: with escapes for what it would obey.

    Examples
    --------
    >>> print(printable("\\x1b[31mred"))
    \\x1b[31mred
    """
    return UNSEEN.sub(lambda found: repr(found[0])[1:-1], text)
