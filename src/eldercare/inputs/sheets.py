"""Sheets of spreadsheet programs: tables that someone filled in, by cell, and workbooks to be filled in."""

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from eldercare.inputs.csv_text import MAX_ROWS, read_records
from eldercare.inputs.guards import UNSEEN, read_bytes, write_bytes
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean, refuse
from eldercare.inputs.strict_yaml import read_own
from eldercare.inputs.tables import header_problems, split_problems

FORMS = read_own((resources.files("eldercare.inputs") / "forms.yaml").read_text(encoding="utf-8"))
# Text stays text: nothing that begins with = becomes a formula, no address becomes a link.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False}
# Bytes of a workbook when unpacked; the census table of a city of ten counties has one or two million.
MAX_UNPACKED = 30_000_000
TOP, FEW = 10, 3  # a header stands in one of the first rows, and has more headings of its table than a few
# Marks that show nothing: of byte order, of no width, and what a terminal obeys.
MARKS = re.compile(f"[\ufeff\u200b-\u200d\u2060]|{UNSEEN.pattern}")
Words = Mapping[str, Mapping[str, Any]]
# The columns of each kind of table.
COLUMNS: Mapping[str, Words] = FORMS["columns"]


class Cell(NamedTuple):
    """The text of a cell, and its sheet and address."""

    text: str
    at: str


def read_sheets(file: Path) -> dict[str, list[list[str]]]:
    """Return the sheets of an .xlsx workbook, or a CSV file as a nameless one, as text; InputError: not readable."""
    # Rows of a sheet have one length; a formula counts as its value.
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(Problem(str(file), message=_("must be a .csv or .xlsx file")))
    if not file.exists():
        near = did_you_mean(file.name, [path.name for path in file.parent.glob("*.*")])
        raise InputError(Problem(str(file), message=_("file not found"), hint=near))
    if file.suffix.lower() == ".csv":
        return {"": read_records(file, str(file))}
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
                rows = [[*map(said, row)] for row in sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True)]
                wide = max((n for row in rows for n, text in enumerate(row, start=1) if text), default=0)
                sheets[sheet.title] = [[*row[:wide], *[""] * (wide - len(row))] for row in rows]
    except Exception as error:  # a damaged workbook fails in many ways, each with its own type
        message = _("not readable as an .xlsx workbook: {reason}", reason=error)
        raise InputError(Problem(str(file), message=message)) from error
    return sheets


def header_of(rows: Sequence[Sequence[str]], names: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return which row has the most headings, and its cells, those with a name by their spelling as that."""
    # A unit, persons, may follow a heading.
    tops = [[names.get(plain(cell).removesuffix("(人)"), cell) for cell in row] for row in rows[:TOP]] or [[]]
    return max(enumerate(tops), key=lambda top: len({*names.values()} & {*top[1]}))


def read_tables(file: Path, kinds: Sequence[str], words: Mapping[str, Words]) -> dict[str, list[dict[str, Cell]]]:
    """Return the rows that are not empty of the tables of a workbook, by kind; a sheet has that of its headings.

    ``words`` are those of a column, by code; what is none of them stays. InputError as `read_sheets`, and with every
    sheet of no kind and every wrong heading.
    """
    faults, found = list[Problem](), {kind: list[dict[str, Cell]]() for kind in kinds}
    meant = {name: spellings(those) for name, those in words.items()}
    for title, rows in read_sheets(file).items():
        tops = {kind: header_of(rows, spellings(COLUMNS[kind])) for kind in kinds}
        kind = max(kinds, key=lambda kind: len({*tops[kind][1]} & {*COLUMNS[kind]}))
        (top, header), columns, place = tops[kind], COLUMNS[kind], f"{file}:{title}!"
        if len({*header} & {*columns}) > FEW:
            known = {name: (label["zh"], label["en"]) for name, label in columns.items()}
            faults += header_problems(f"{place}{xl_rowcol_to_cell(top, 0)}", header, known)
            faults += split_problems(str(file), header, rows[top + 1 :], top + 2)
        elif any(map(any, rows)):
            message = _("no table of this workbook; mend its headings, or delete the sheet")
            faults.append(Problem(f"{place}A1", message=message))
        for number, row in enumerate(rows[top + 1 :], start=top + 1):
            texts = [meant.get(name, {}).get(plain(text), text) for name, text in zip(header, row, strict=False)]
            places = [f"{title}!{xl_rowcol_to_cell(number, n)}" for n in range(len(row))]
            found[kind] += [dict(zip(header, map(Cell, texts, places), strict=False))] * any(row)
    refuse(faults)
    return found


def said(cell: object) -> str:
    """Return a cell as text in one line: 45.0 as 45, a date without a time of day that is nobody's."""
    cell = "" if cell is None else int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    return " ".join(MARKS.sub("", str(cell)).removesuffix(" 00:00:00").split())


def plain(text: str) -> str:
    """Return a cell in half-width small letters without spaces.

    Examples
    --------
    >>> plain("县（区） A")
    '县(区)a'
    """
    return unicodedata.normalize("NFKC", said(text)).replace(" ", "").lower()


def spellings(words: Words) -> dict[str, str]:
    """Return words by their spellings: a code, the Chinese, the English, both, and as a drop-down has them."""
    joints = "{0}", "{zh}", "{en}", "{zh}{en}", "{zh}{0}"
    return {plain(joint.format(name, **label)): name for name, label in words.items() for joint in joints}


@contextmanager
def new_book(file: Path) -> Iterator[xlsxwriter.Workbook]:
    """Give a workbook, for `add_table`, which comes into place at the end; InputError: its name, or it cannot be."""
    if file.suffix.lower() != ".xlsx" or file.exists():
        exists = _("exists already; choose another name")
        raise InputError(Problem(str(file), message=exists if file.exists() else _("the name must end in .xlsx")))
    with xlsxwriter.Workbook(content := io.BytesIO(), OPTIONS) as book:
        yield book
    write_bytes(file, str(file), content.getvalue())


def add_table(
    book: xlsxwriter.Workbook, title: str, columns: Words, rows: Sequence[Mapping[str, Any]], offers: Mapping[str, Any]
) -> Any:
    """Add and return a sheet of rows by column, with what drop-downs of columns offer: a list, or a range of cells."""
    # Columns that are open may be filled in, in an empty row the first one too; all else is protected.
    sheet = book.add_worksheet(title)
    styles = {name: book.add_format(FORMS["look"] | style) for name, style in FORMS["styles"].items()}
    for n, (name, column) in enumerate(columns.items()):
        is_open = "open" in column
        sheet.set_column(n, n, column["width"])
        sheet.write_string(0, n, f"{column['zh']}\n{column['en']}", styles["asked" if is_open else "heading"])
        if note := column.get("note"):
            sheet.write_comment(0, n, f"{note['zh']}\n{note['en']}", FORMS["note"])
        for number, row in enumerate(rows, start=1):
            sheet.write(number, n, row.get(name), styles["filled" if is_open or not (row or n) else "shown"])
        if name in offers:
            sheet.data_validation(1, n, len(rows), n, {"validate": "list", "source": offers[name]})
    sheet.set_default_row(42)  # three lines
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.freeze_panes(1, 2)
    return sheet
