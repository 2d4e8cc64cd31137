"""Word: the brief of an area, its paragraphs, tables and charts, as a document to edit, to comment and to print."""

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

# Of text, tables and pictures, and of the margins.
WIDTH, MARGIN = Mm(174), Mm(18)
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

    def text(self, part: dict[str, Any]) -> None:
        """Add a paragraph."""
        self.file.add_paragraph(part["text"])

    def note(self, part: dict[str, Any]) -> None:
        """Add a paragraph in small type."""
        self.file.add_paragraph(part["text"]).runs[0].font.size = SMALL

    def picture(self, part: dict[str, Any]) -> None:
        """Add a chart under its title, told in words for those who do not see it."""
        self.file.add_paragraph(part["title"], "Caption").paragraph_format.keep_with_next = True
        self.file.add_picture(io.BytesIO(part["png"]), WIDTH * 9 // 10)._inline.docPr.set("descr", part["told"])

    def table(self, part: dict[str, Any]) -> None:
        """Add a table under its caption; its heads are repeated where it goes on, and no row is parted."""
        self.file.add_paragraph(part["title"], "Caption").paragraph_format.keep_with_next = True
        grid = self.file.add_table(1 + len(part["rows"]), len(part["head"]), "Table Grid")
        grid.autofit = False
        widths = [int(WIDTH * share / sum(part["shares"])) for share in part["shares"]]
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = width
        for at, (line, texts) in enumerate(zip(grid.rows, [part["head"], *part["rows"]], strict=True)):
            properties = line._tr.get_or_add_trPr()
            for name in ("w:tblHeader", "w:cantSplit") if not at else ("w:cantSplit",):
                properties.append(OxmlElement(name))
            for cell, text, numeric, width in zip(line.cells, texts, part["numeric"], widths, strict=True):
                cell.width = width
                _put(cell.paragraphs[0], text, numeric, bold=not at)
                # A short table stays on one sheet.
                cell.paragraphs[0].paragraph_format.keep_with_next = at < len(part["rows"])


def _put(paragraph: Paragraph, text: str, right: bool, bold: bool) -> None:
    """Write the text of a cell: its number, and an interval in small type below it."""
    for at, line in enumerate(text.split("\n")):
        run = paragraph.add_run(f"\n{line}" if at else line)
        run.font.size, run.bold = SMALLEST if at else SMALL, bold
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT


def word(brief: dict[str, Any], made: datetime) -> bytes:
    """Return the Word file of a brief as `eldercare.publish.brief` describes it."""
    document = Word(brief["title"], brief["origin"], brief["language"], made)
    for section in brief["sections"]:
        document.file.add_heading(section["heading"], 1)
        for part in section["parts"]:
            getattr(document, part["kind"])(part)
    document.file.save(stream := io.BytesIO())
    return stream.getvalue()
