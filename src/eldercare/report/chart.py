"""The specification of what is shown: one numeric frame gives the picture, its table, its CSV and its sheet."""

import io
import math
import re
import warnings
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import htpy as h
import matplotlib
import pandas as pd
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from eldercare.inputs.guards import neutral
from eldercare.report import style
from eldercare.report.html import Html, Shown, join
from eldercare.report.text import Text

LOW, HIGH = "_p10", "_p90"
Words = Mapping[Any, object] | Callable[[Any], object]


@dataclass(frozen=True)
class Column:
    """How a column of a frame stands in a table; pages write it shorter, see :meth:`eldercare.report.Page.column`.

    Attributes
    ----------
    name : column of the frame; its 80% interval, if shown, stands in ``name_p10`` and ``name_p90``
    label : head of the column, with its unit where the caption does not say it
    decimals : None: as many as the size of each row's value asks for
    form : "number", "signed", "percent" (of a share), "year" or "text"
    interval : whether the 80% interval stands below the value
    words : words for the values, such as the names of areas
    """

    name: str
    label: str
    decimals: int | None = 0
    form: str = "number"
    interval: bool = False
    words: Words | None = None

    @property
    def numeric(self) -> bool:
        """Whether the column is set to the right."""
        return self.form not in ("text", "year")

    def parts(self) -> list[str]:
        """Return the columns of the frame that are shown."""
        return [self.name, *([self.name + LOW, self.name + HIGH] if self.interval else [])]


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A numeric frame with the description of its columns.

    Attributes
    ----------
    name : identifier within its page, and name of its CSV file
    frame : plain numbers, ids and flags; all rows go into the CSV
    columns : the first one heads the rows
    caption : what is shown, with its unit
    t : the words of the language
    shown : rows that the printed table has, such as milestone years; all when not given
    cls : class of the table element
    """

    name: str
    frame: pd.DataFrame
    columns: Sequence[Column]
    caption: str
    t: Text
    shown: Sequence[bool] | None = None
    cls: str = "data"

    @property
    def title(self) -> str:
        """The caption, with what the two numbers of a cell are where a column has its interval."""
        intervals = any(column.interval for column in self.columns)
        return self.caption + (self.t("page.space") + self.t("page.mean_and_interval") if intervals else "")

    def cell(self, row: Mapping[str, Any], column: Column) -> Any:
        """Return a value as it is written, with its interval below it."""
        if column.decimals is None:
            column = replace(column, decimals=_fitting(row[column.name]))
        text = self._written(row[column.name], column)
        if not column.interval:
            return text
        low, high = row[column.name + LOW], row[column.name + HIGH]
        if pd.isna(low) or pd.isna(high):
            return text
        ends = [self._written(end, column) for end in (low, high)]
        if ends == [text, text]:
            return text
        joined = self.t("page.from_to", low=ends[0], high=ends[1])
        return Html(escape(text) + Markup("<br>") + Markup(str(h.small[joined])))

    def _written(self, value: Any, column: Column) -> Any:
        if column.words is not None:
            return column.words(value) if callable(column.words) else column.words[value]
        if isinstance(value, str):
            return value
        if value is None or pd.isna(value):
            return self.t("page.none")
        if not column.numeric:
            return str(int(value)) if column.form == "year" else str(value)
        write = {"signed": self.t.signed, "percent": self.t.percent}.get(column.form, self.t.number)
        return write(value, column.decimals or 0)

    def html(self) -> Html:
        """Return the table element in its scrolling box."""
        rows = self.frame if self.shown is None else self.frame[list(self.shown)]
        heads = [h.th(scope="col", class_={"num": column.numeric})[column.label] for column in self.columns]
        body = []
        for row in rows.to_dict("records"):
            cells = [h.td(class_={"num": column.numeric})[self.cell(row, column)] for column in self.columns[1:]]
            body.append(h.tr[h.th(scope="row")[self.cell(row, self.columns[0])], cells])
        table = h.table(class_=self.cls)[h.caption[h.span[self.title]], h.thead[h.tr[heads]], h.tbody[body]]
        return Html(h.div(".table-box")[table])

    def csv(self) -> str:
        """Return the numbers as CSV, all rows, under the heads of the table."""
        heads = [
            (part, c.label + part.removeprefix(c.name).replace("_", " ")) for c in self.columns for part in c.parts()
        ]
        plain = self.frame.copy()
        for column in self.columns:
            if column.words is not None:
                cells = (self._written(value, column) for value in plain[column.name])
                plain[column.name] = [c.striptags() if isinstance(c, Markup) else str(c) for c in cells]
        given = plain[[name for name, _ in heads]].set_axis([neutral(head) for _, head in heads], axis=1)
        given = given.map(lambda value: neutral(value) if isinstance(value, str) else value)
        return given.to_csv(index=False, lineterminator="\n", float_format="%.6g")

    def csv_link(self) -> Html:
        """Return a link that saves the numbers without a file or a script; marked as UTF-8 for spreadsheets."""
        address = "data:text/csv;base64," + b64encode(("\ufeff" + self.csv()).encode()).decode("ascii")
        return Html(h.a(href=address, download=f"{self.name}.csv")[self.t("page.csv", caption=self.caption)])

    def _repr_html_(self) -> str:
        return str(self.html())

    __html__ = _repr_html_


def _fitting(value: float) -> int:
    """Return the decimals that leave two or three digits of a value; none for a whole number."""
    if not math.isfinite(value) or value == round(value):
        return 0
    return next((places for places, least in enumerate((100, 1, 0.1)) if abs(value) >= least), 3)


@dataclass(frozen=True, repr=False)
class Chart(Shown):
    """A table drawn as a picture.

    Attributes
    ----------
    table : the numbers; exactly those that the picture draws
    figure : the drawn matplotlib figure
    finding : what the picture shows, in a sentence; also what a screen reader says of it
    source : source line below the picture
    """

    table: Table
    figure: Figure = field(repr=False)
    finding: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """Identifier within the page: the figure has the id ``chart-`` and this name; it also salts the ids inside."""
        return self.table.name

    @property
    def title(self) -> str:
        """What is shown, with units and area."""
        return self.table.caption

    def svg(self) -> str:
        """Return the picture as an inline SVG with real text, named by the caption, described by the finding.

        What the shipped fonts lack is left to those of the reader, as everywhere on a page.
        """
        buffer = io.StringIO()
        with style.drawing(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            warnings.filterwarnings("ignore", "constrained_layout not applied")
            matplotlib.rcParams["svg.hashsalt"] = self.name
            style.settle(self.figure)
            # As savefig, but that would draw all of it once more, for nothing, to find the layout.
            FigureCanvasSVG(self.figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
        drawn = buffer.getvalue()
        drawn = re.sub(r"<metadata>.*?</metadata>\s*", "", drawn[drawn.index("<svg") :], flags=re.S)
        # Ids of several pictures on one page must differ.
        drawn = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{self.name}-", drawn)
        opening, _, rest = drawn.partition(">")
        box = opening[opening.index("viewBox=") :].split('"')[1]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
            f'viewBox="{box}" aria-labelledby="{self.name}-t" aria-describedby="{self.name}-d">'
            f'<desc id="{self.name}-d">{escape(self.finding)}</desc>{rest.rstrip()}'
        )

    def png(self, dots_per_inch: int = 200) -> bytes:
        """Return the picture as PNG, for documents."""
        stream = io.BytesIO()
        with style.drawing():
            style.settle(self.figure)
            self.figure.savefig(stream, format="png", dpi=dots_per_inch, metadata={"Software": None})
        return stream.getvalue()

    def html(self) -> Html:
        """Return the figure element with caption, picture, source, and the table behind a disclosure."""
        twin = h.details(".twin")[h.summary[self.table.t("page.twin")], self.table, h.p(".file")[self.table.csv_link()]]
        head, plot = h.figcaption[h.span(id=f"{self.name}-t")[self.title]], h.div(".plot")[Markup(self.svg())]
        source = h.p(".source")[self.source] if self.source else None
        return Html(h.figure(".chart", id=f"chart-{self.name}")[head, plot, source, twin])

    def said(self) -> Html:
        """Return the finding as a paragraph."""
        return Html(h.p(".finding")[self.finding])

    def _repr_html_(self) -> str:
        return str(self.html())

    __html__ = _repr_html_


def show(*parts: object) -> Html:
    """Return several parts of a page (tables, charts, paragraphs) as one, in order."""
    return join(parts)


def bare(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a published frame with its means under the bare names: ``gap_mean`` as ``gap``."""
    return frame.set_axis(frame.columns.str.removesuffix("_mean"), axis=1)


def turned(frame: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Return a frame of means and intervals by year with its quantities as rows and the years as columns.

    Examples
    --------
    >>> frame = pd.DataFrame({"use": [1.0], "use_p10": [0.5], "use_p90": [2.0]}, index=[2030])
    >>> turned(frame, [2030]).to_dict("records")
    [{'row': 'use', '2030': 1.0, '2030_p10': 0.5, '2030_p90': 2.0}]
    """
    names = [name for name in frame if f"{name}{LOW}" in frame]
    return pd.DataFrame(
        {"row": name, **{f"{year}{part}": frame.loc[year, name + part] for year in years for part in ("", LOW, HIGH)}}
        for name in names
    )
