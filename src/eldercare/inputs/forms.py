"""Workbooks to fill in: a first sheet that says how, sheets with cells for planners, and the sources to choose from."""

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from eldercare.inputs.guards import write_bytes
from eldercare.inputs.problems import InputError, Problem, _
from eldercare.inputs.project import Project
from eldercare.inputs.sheets import Words
from eldercare.inputs.strict_yaml import read_own

FORMS = read_own((resources.files("eldercare.inputs") / "forms.yaml").read_text(encoding="utf-8"))
WORDS: dict[str, Words] = FORMS["words"]
# Text stays text: nothing that begins with = becomes a formula, no address becomes a link.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
LISTS = 10  # from this column on the sheet of sources holds, out of sight, what drop-downs offer


def both(label: Mapping[str, str], joint: str = " ") -> str:
    """Return a label in both languages."""
    return f"{label['zh']}{joint}{label['en']}"


def coded(words: Words) -> dict[str, str]:
    """Return words as drop-downs offer them: the Chinese and the code."""
    return {name: f"{label['zh']} {name}" for name, label in words.items()}


class Form:
    """A workbook in the making: the first sheet is there at once, `table` adds others, `save` puts it into place."""

    def __init__(self, project: Project, file: Path, kind: str, fields: Mapping[str, str]):
        """Write the first sheet with its fields and what stands in them; InputError: its name."""
        if file.suffix.lower() != ".xlsx" or file.exists():
            exists = _("exists already; choose another name")
            message = exists if file.exists() else _("the name must end in .xlsx")
            raise InputError(Problem(str(file), message=message))
        self.project, self.file, self.stream, self.lists = project, file, io.BytesIO(), dict[tuple[str, ...], None]()
        self.book = xlsxwriter.Workbook(self.stream, OPTIONS)
        look = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
        self.styles = {name: self.book.add_format(look | style) for name, style in FORMS["styles"].items()}
        sheet = self._sheet(FORMS["sheets"]["cover"], (3, 46, 70))
        sheet.hide_gridlines(2)
        sheet.fit_to_pages(1, 1)
        sheet.merge_range(0, 1, 0, 2, both(FORMS["titles"][kind], " · "), self.styles["title"])
        sheet.set_row(0, 30)
        for row, (name, text) in enumerate(fields.items(), start=2):
            head, body = ("shown", "shown") if name in FORMS["fixed"] else ("asked", "filled")
            sheet.write_string(row, 1, both(FORMS["fields"][name], "\n"), self.styles[head])
            sheet.write_string(row, 2, text, self.styles[body])
            sheet.set_row(row, max(30, _height(text, 70)))
        lines = (line[n] for n in ("zh", "en") for line in [*FORMS["how"][kind], {"zh": "", "en": ""}])
        for row, line in enumerate(lines, start=3 + len(fields)):
            sheet.merge_range(row, 1, row, 2, line, self.styles["line"])
            sheet.set_row(row, _height(line, 132))

    def table(
        self, title: Mapping[str, str], columns: Words, rows: Sequence[Mapping[str, Any]], filled: Collection[str]
    ) -> Worksheet:
        """Write a sheet of rows by column; columns that are ``filled`` are open, in a row of nothing the key too."""
        sheet = self._sheet(title, [label["width"] for label in columns.values()])
        for n, (name, label) in enumerate(columns.items()):
            sheet.write_string(0, n, both(label, "\n"), self.styles["asked" if name in filled else "heading"])
        for number, row in enumerate(rows, start=1):
            for n, name in enumerate(columns):
                style = self.styles["filled" if name in filled or (name == "key" and not row) else "shown"]
                sheet.write(number, n, row.get(name), style)
            sheet.set_row(number, max(_height(row.get(name) or "", label["width"]) for name, label in columns.items()))
        sheet.set_row(0, 46)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0, 1)
        sheet.fit_to_pages(1 + sum(label["width"] for label in columns.values()) // 250, 0)
        return sheet

    def offer(self, sheet: Worksheet, rows: tuple[int, int], columns: tuple[int, int], words: Iterable[str]) -> None:
        """Give the cells of some rows and columns, first and last, a drop-down."""
        self.lists[words := tuple(words)] = None
        column = xl_col_to_name(LISTS + [*self.lists].index(words))
        source = f"='{both(FORMS['sheets']['sources'])}'!${column}$2:${column}${len(words) + 1}"
        sheet.data_validation(rows[0], columns[0], rows[1], columns[1], {"validate": "list", "source": source})

    def save(self) -> None:
        """Add the sources and put the workbook into place."""
        none = {"source": "none", "title": both(FORMS["none_title"], " / ")}
        known = [vars(source) | {"source": name} for name, source in self.project.sources.items()]
        sheet = self.table(FORMS["sheets"]["sources"], FORMS["sources"], [none, *known], ())
        for n, words in enumerate(self.lists, start=LISTS):
            sheet.write_column(1, n, words)
        sheet.set_column(LISTS, LISTS + len(self.lists), None, None, {"hidden": True})
        self.book.close()
        write_bytes(self.file, str(self.file), self.stream.getvalue())

    def _sheet(self, title: Mapping[str, str], widths: Iterable[float]) -> Worksheet:
        sheet = self.book.add_worksheet(both(title))
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_paper(8)
        sheet.set_landscape()
        return sheet


def _height(text: object, width: float) -> int:
    """Return the height of a row in points; in the Chinese encoding a character has as many bytes as widths."""
    return 15 * sum(1 + len(line.encode("gbk", "replace")) // int(width) for line in str(text).split("\n"))
