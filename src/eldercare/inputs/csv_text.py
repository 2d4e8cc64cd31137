"""The rows of a CSV file, in the encodings and with the separators that spreadsheet programs in China save it."""

import codecs
import csv
import io
from contextlib import suppress
from itertools import islice
from pathlib import Path

from eldercare.inputs.guards import read_bytes
from eldercare.inputs.problems import InputError, Problem, _

MAX_CELL, MAX_ROWS = 100_000, 50_000
SAVE = _("save it as 'CSV UTF-8'")


def decode(content: bytes) -> str | None:
    """Return the text of a file in UTF-8, UTF-16 with its mark, GB18030 or Big5; None when it is none of these.

    Examples
    --------
    >>> decode("县区".encode("gb18030")), decode("縣區總人口數".encode("big5")), decode("café,1".encode("latin-1"))
    ('县区', '縣區總人口數', None)
    """
    unicode = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    # A few common Chinese characters are too little for a guess, and they are nearly always simplified ones.
    for encoding in (unicode, "gb2312"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    from charset_normalizer import from_bytes  # only for a file that needs a guess

    best = from_bytes(content, cp_isolation=["gb18030", "big5"]).best()
    return str(best) if best else None


def read_records(path: Path, where: str) -> list[list[str]]:
    """Return the cells of a CSV file, row by row, without empty columns at the end; a cell of blanks is empty.

    InputError as `read_bytes`, and if it is a workbook or in another encoding, its quotes do not close, or its columns
    are separated by another sign than the comma or, as in 'Unicode text', the tab.
    """
    content = read_bytes(path, where)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(Problem(where, message=_("a workbook, not CSV"), hint=SAVE))
    text = decode(content)
    if text is None:
        raise InputError(Problem(where, message=_("none of the encodings UTF-8, UTF-16, GB18030 and Big5"), hint=SAVE))
    top = text.partition("\n")[0]
    if "," not in top and (wrong := next((sign for sign in ";，|" if sign in top), None)):
        message = _("columns separated by {sign}; commas are needed", sign=wrong)
        raise InputError(Problem(where, message=message, hint=SAVE))
    tabs = "\t" in top and "," not in top
    csv.field_size_limit(MAX_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter="\t" if tabs else ",")
        rows = [[cell if cell.strip() else "" for cell in cells] for cells in islice(reader, MAX_ROWS + 1)]
    except csv.Error as error:
        raise InputError(Problem(where, message=_("not readable as CSV: {reason}", reason=error))) from error
    if len(rows) > MAX_ROWS:
        raise InputError(Problem(where, message=_("more than {rows:,} rows", rows=MAX_ROWS)))
    # A spreadsheet program may save columns to the right in which nothing stands.
    header = rows[0] if rows else []
    named = max((i for i, name in enumerate(header, start=1) if name), default=0)
    empty = not any(any(cells[named:]) for cells in rows)
    return [cells[:named] if empty and len(cells) == len(header) else cells for cells in rows]
