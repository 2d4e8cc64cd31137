"""The text of a table file: UTF-8 with or without mark, GB18030 as Chinese spreadsheet programs save it."""

from __future__ import annotations

import csv
import io

from eldercare.inputs.errors import InputError, Problem

MAX_BYTES = 50_000_000
SAVE = "save it as 'CSV UTF-8'"
# Part of the other characters that must be common Chinese ones before a file counts as GB18030: nearly every
# pair of bytes is a character there, so that a file in Latin-1 or Big5 decodes as well, to rare ones.
COMMON = 0.75


def table_text(content: bytes, where: str) -> str:
    """Return the text of a CSV file.

    Parameters
    ----------
    content : bytes
        The file as it stands on the disk.
    where : str
        Its name for messages.

    Raises
    ------
    InputError
        If it is too long, a workbook, UTF-16, or in another encoding.

    Examples
    --------
    >>> table_text("县区,人数".encode("gb18030"), "x.csv")
    '县区,人数'
    >>> table_text("café,1".encode("latin-1"), "x.csv")
    Traceback (most recent call last):
    eldercare.inputs.problems.InputError: x.csv: neither UTF-8 nor GB18030 (save it as 'CSV UTF-8')
    """
    if len(content) > MAX_BYTES:
        raise InputError(Problem(where, message=f"larger than {MAX_BYTES:,} bytes"))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(Problem(where, message="a workbook, not CSV", hint=SAVE))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(Problem(where, message="UTF-16, which is not read", hint=SAVE))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise InputError(Problem(where, message="neither UTF-8 nor GB18030", hint=SAVE)) from error
    others = [character for character in text if not character.isascii()]
    if sum(map(_common, others)) < COMMON * len(others):
        raise InputError(Problem(where, message="neither UTF-8 nor GB18030", hint=SAVE))
    return text


def table_records(content: bytes, where: str) -> list[tuple[str, ...]]:
    """Return the cells of a CSV file, row by row.

    Raises
    ------
    InputError
        As `table_text`, and if the quotes do not close or another sign than the comma separates the columns.
    """
    try:
        records = [tuple(row) for row in csv.reader(io.StringIO(table_text(content, where), newline=""), strict=True)]
    except csv.Error as error:
        raise InputError(Problem(where, message=f"not readable as CSV: {error}")) from error
    if records and len(records[0]) == 1:
        for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("，", "full-width commas"), ("|", "bars")):
            if sign in records[0][0]:
                raise InputError(Problem(where, message=f"columns separated by {name}; commas are needed", hint=SAVE))
    return records


def _common(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
