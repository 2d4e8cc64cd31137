"""Word: the brief of an area, its paragraphs, tables and charts, as a document to edit, to comment and to print."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from markupsafe import Markup

import eldercare
from eldercare.inputs import Project
from eldercare.inputs.guards import write_bytes, writing
from eldercare.report import Page
from eldercare.report.brief import sections
from eldercare.report.chart import Chart, Table

# Of text, tables and pictures, and of the margins; how much wider a column is than one of plain numbers.
WIDTH, MARGIN = Mm(174), Mm(18)
WORDS, WITH_INTERVAL = 2.0, 1.5
PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
TAG = re.compile(r'<span class="?tag[^>]*>(.*?)</span>')
# Fonts that offices have: one for Latin, and for Chinese one a style, with its size.
LATIN = "Calibri"
CHINESE = {"Normal": ("宋体", 10.5), "Title": ("黑体", 18), "Heading 1": ("黑体", 12), "Caption": ("宋体", 9)}
SMALL, SMALLEST = Pt(8), Pt(7)


class Word:
    """One document on A4 in a language; its methods add to its end."""

    def __init__(self, title: str, origin: str, language: str, made: datetime):
        self.file = Document()
        properties = self.file.core_properties
        properties.title, properties.author, properties.language = title, "eldercare", language
        properties.created = properties.modified = made
        page = self.file.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = page.bottom_margin = MARGIN
        page.top_margin, page.header_distance = Mm(22), Mm(11)
        for name, (chinese, size) in CHINESE.items():
            style = self.file.styles[name]
            assert isinstance(style, ParagraphStyle)
            style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), RGBColor(0x1F, 0x29, 0x33)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            # Without those of the theme, which would go before them.
            fonts.attrib.clear()
            for script, font in {"ascii": LATIN, "hAnsi": LATIN, "cs": LATIN, "eastAsia": chinese}.items():
                fonts.set(qn(f"w:{script}"), font)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(3)
        self.file.add_paragraph(title, "Title")
        page.header.paragraphs[0].add_run(origin).font.size = SMALL
        foot = page.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        number = OxmlElement("w:fldSimple")
        number.set(qn("w:instr"), "PAGE")
        foot._p.append(number)

    def section(self, heading: str, parts: Iterable[object]) -> None:
        """Add a heading and what stands below it."""
        self.file.add_heading(heading, 1)
        for part in parts:
            if isinstance(part, Chart):
                self.picture(part)
            elif isinstance(part, Table):
                self.table(part)
            elif isinstance(part, Markup):
                for text in PARAGRAPH.findall(part):
                    self.file.add_paragraph(plain(Markup(text)))
            else:
                self.file.add_paragraph(str(part)).runs[0].font.size = SMALL

    def picture(self, chart: Chart) -> None:
        """Add a chart under its title, told in words for those who do not see it."""
        self.file.add_paragraph(chart.title, "Caption").paragraph_format.keep_with_next = True
        drawn = self.file.add_picture(io.BytesIO(chart.png()), WIDTH * 9 // 10)
        drawn._inline.docPr.set("descr", chart.finding)

    def table(self, table: Table) -> None:
        """Add a table under its caption; its heads are repeated where it goes on, and no row is parted."""
        self.file.add_paragraph(table.title, "Caption").paragraph_format.keep_with_next = True
        rows = table.frame if table.shown is None else table.frame[list(table.shown)]
        grid = self.file.add_table(1 + len(rows), len(table.columns), "Table Grid")
        grid.autofit = False
        shares = [WORDS if one.form == "text" else WITH_INTERVAL if one.interval else 1 for one in table.columns]
        widths = [int(WIDTH * share / sum(shares)) for share in shares]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = width
        for at, (line, row) in enumerate(zip(grid.rows, [{}, *rows.to_dict("records")], strict=True)):
            properties = line._tr.get_or_add_trPr()
            for name in ("w:tblHeader", "w:cantSplit") if not at else ("w:cantSplit",):
                properties.append(OxmlElement(name))
            for cell, about, width in zip(line.cells, table.columns, widths, strict=True):
                cell.width = width
                text = plain(table.cell(row, about)) if at else about.label
                _put(cell.paragraphs[0], text, about.numeric, bold=not at)
                # A short table stays on one sheet.
                cell.paragraphs[0].paragraph_format.keep_with_next = at < len(rows)


def plain(part: object) -> str:
    """Return what a reader sees of a piece of HTML or a text, on the lines that it has; labels in square brackets.

    Examples
    --------
    >>> plain(Markup("1,200<br><small>800 to 1,600</small>")), plain("a < b")
    ('1,200\\n800 to 1,600', 'a < b')
    """
    if not isinstance(part, Markup):
        return str(part)
    return "\n".join(Markup(TAG.sub(r"[\1]", line)).striptags() for line in part.split("<br>"))


def _put(paragraph: Paragraph, text: str, right: bool, bold: bool) -> None:
    """Write the text of a cell: its number, and an interval in small type below it."""
    for at, line in enumerate(text.split("\n")):
        run = paragraph.add_run(f"\n{line}" if at else line)
        run.font.size, run.bold = SMALLEST if at else SMALL, bold
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT


def write_briefs(project: Project, areas: Sequence[str], scenario: str, languages: Iterable[str]) -> list[Path]:
    """Write the briefs of areas (all where none is named) to outputs/briefs and return their files.

    InputError if they cannot be written.
    """
    folder, now, files = project.root / "outputs" / "briefs", datetime.now(UTC), []
    for area, language in product(areas or project.areas, languages):
        page = Page("brief", area, scenario, language=language, project=project)
        origin = f"{page.area_name} · {page.scenario_name} · {now:%Y-%m-%d} · eldercare {eldercare.__version__}"
        word = Word(page.say("title"), origin, language, now)
        for heading, parts in sections(page).items():
            word.section(heading, parts)
        files.append(folder / f"{area}-{scenario}-{language}.docx")
        word.file.save(stream := io.BytesIO())
        with writing(where := f"outputs/briefs/{files[-1].name}"):
            folder.mkdir(parents=True, exist_ok=True)
            write_bytes(files[-1], where, stream.getvalue())
    return files
