"""Sheets that someone filled in with a spreadsheet program: their cells by address, and what is meant by them."""

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from eldercare.inputs.csv_text import MAX_ROWS, read_records
from eldercare.inputs.guards import UNSEEN, read_bytes
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean
from eldercare.inputs.strict_yaml import NUMBER, read_scalar

# Bytes of a workbook when unpacked; the census table of a city of ten counties has one or two million.
MAX_UNPACKED = 30_000_000
TOP = 10  # a header stands in one of the first rows
# Marks that show nothing: of byte order, of no width, and what a terminal obeys.
MARKS = re.compile(f"[\ufeff\u200b-\u200d\u2060]|{UNSEEN.pattern}")
PERCENT, GROUPED = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)%"), re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
Words = Mapping[str, Mapping[str, Any]]


class Cell(NamedTuple):
    """What stands in a cell, its text, and its file, sheet and address."""

    value: Any
    text: str
    where: str


def read_sheets(file: Path) -> dict[str, list[list[Any]]]:
    """Return the cells of each sheet of an .xlsx workbook, or of a CSV file as of a sheet without a name.

    Rows have one length, None where nothing stands; a formula counts as its value. InputError when it cannot be read.
    """
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(Problem(str(file), message=_("must be a .csv or .xlsx file")))
    if not file.exists():
        near = did_you_mean(file.name, [path.name for path in file.parent.glob("*.*")])
        raise InputError(Problem(str(file), message=_("file not found"), hint=near))
    if file.suffix.lower() == ".csv":
        return {"": [[cell or None for cell in row] for row in read_records(file, str(file))]}
    content, sheets = io.BytesIO(read_bytes(file, str(file))), {}
    try:
        with zipfile.ZipFile(content) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise ValueError(_("more cells than a table of ages has"))
        import openpyxl

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about drop-downs and styles of other programs, which are not looked at
            for sheet in openpyxl.load_workbook(content, read_only=True, data_only=True).worksheets:
                sheet.reset_dimensions()  # some programs write wrong ones
                sheets[sheet.title] = even(list(sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True)))
    except Exception as error:  # a damaged workbook fails in many ways, each with its own type
        message = _("not readable as an .xlsx workbook: {reason}", reason=error)
        raise InputError(Problem(str(file), message=message)) from error
    return sheets


def even(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return rows of one length, without empty ones at the end and empty columns to the right; 45.0 becomes 45."""
    wide = max((n for row in rows for n, cell in enumerate(row, start=1) if cell is not None), default=0)
    last = max((n for n, row in enumerate(rows, start=1) if any(cell is not None for cell in row)), default=0)
    whole = [[int(c) if isinstance(c, float) and c.is_integer() else c for c in row[:wide]] for row in rows[:last]]
    return [row + [None] * (wide - len(row)) for row in whole]


def table(
    place: str, rows: Sequence[Sequence[Any]], words: Words, needed: set[str], faults: list[Problem]
) -> tuple[int, list[dict[str, Cell]]] | None:
    """Return the row of the header, from 1, and the rows below it that are not empty, by column; None without a header.

    ``words`` are headings by column. Columns that stand there twice, or are filled and not known, are faults.
    """
    names, rows = spellings(words), even(rows)
    known = [[names.get(plain(cell), "") for cell in row] for row in rows[:TOP]]
    if (top := next((n for n, row in enumerate(known) if needed <= {*row}), None)) is None:
        return None
    columns = known[top]
    cells = [
        [Cell(v, said(v), place + xl_rowcol_to_cell(r, c)) for c, v in enumerate(row)] for r, row in enumerate(rows)
    ]
    filled = [row for row in cells[top + 1 :] if any(cell.text for cell in row)]
    for n, (name, head) in enumerate(zip(columns, cells[top], strict=True)):
        if name and columns.index(name) != n:
            faults.append(Problem(head.where, head.text, message=_("the column stands there twice")))
        elif not name and any(row[n].text for row in filled):
            free = [f"{label['zh']} {label['en']}" for one, label in words.items() if one not in columns]
            message = _("not a column of this table; it has {names}", names=", ".join(free or words))
            faults.append(Problem(head.where, head.text, message=message, hint=did_you_mean(head.text, free)))
    return top + 1, [dict(zip(columns, row, strict=True)) for row in filled]


def said(cell: object) -> str:
    """Return a cell as text in one line; a date by itself, without a time of day that is nobody's."""
    return " ".join(MARKS.sub("", "" if cell is None else str(cell)).removesuffix(" 00:00:00").split())


def plain(cell: object) -> str:
    """Return a cell as text in half-width small letters without spaces.

    Examples
    --------
    >>> plain("县（区） A"), plain(None)
    ('县(区)a', '')
    """
    return unicodedata.normalize("NFKC", said(cell)).replace(" ", "").lower()


def spellings(words: Words) -> dict[str, str]:
    """Return words by their spellings: a code, the Chinese, the English, both, and as a drop-down has them."""
    joints = "{0}", "{zh}", "{en}", "{zh}{en}", "{zh}{0}"
    return {plain(joint.format(name, **label)): name for name, label in words.items() for joint in joints}


def figure(cell: object, *, share: bool = False) -> Any:
    """Return the number that a cell means, also full-width, with separators or, if ``share``, as a percentage; or text.

    Examples
    --------
    >>> figure("４５"), figure("12,300"), figure("45％", share=True), figure("45％")
    (45, 12300, 0.45, '45%')
    """
    if isinstance(cell, int | float):
        return cell
    text = unicodedata.normalize("NFKC", said(cell)).removeprefix("'").replace("\N{MINUS SIGN}", "-")
    if share and (percent := PERCENT.fullmatch(text)):
        return round(float(percent[1]) / 100, 12)
    number = text.replace(",", "") if GROUPED.fullmatch(text) else text
    return read_scalar(number) if NUMBER.fullmatch(number) and len(number) < 18 else text
