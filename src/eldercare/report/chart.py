"""A chart as it stands on a page: figure, finding, source, and the table twin behind a disclosure."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from dataclasses import dataclass
from html import escape, unescape

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from eldercare.report import style
from eldercare.report.html import Html, element, table
from eldercare.report.text import LANGUAGES, Text

NUMBER = re.compile(r"[\N{MINUS SIGN}-]?\d{1,3}(,\d{3})*(\.\d+)?")


def _plain(cell: object) -> str:
    text = unescape(re.sub(r"<[^>]+>", "", cell)) if isinstance(cell, Html) else str(cell)
    return text.replace(",", "").replace("\N{MINUS SIGN}", "-") if NUMBER.fullmatch(text) else text


@dataclass(frozen=True)
class Chart:
    """One finished chart.

    Attributes
    ----------
    name : str
        Identifier within its page: the figure has the id ``chart-`` and this name; it also salts the ids inside.
    figure : Figure
        The drawn matplotlib figure.
    title : str
        What is shown, with units and area.
    alt : str
        The finding in one sentence.
    source : str
        Source line below the picture.
    twin : DataFrame
        The numbers behind the picture, as display strings.
    twin_label : str
        Words of the disclosure that opens the table.
    """

    name: str
    figure: Figure
    title: str
    alt: str
    source: str
    twin: pd.DataFrame
    twin_label: str

    def svg(self) -> str:
        """Return the picture as an inline SVG with real text, a title and the finding as description.

        Raises
        ------
        ValueError
            If the shipped font lacks a character of the picture.
        """
        settings = {"svg.fonttype": "none", "svg.hashsalt": self.name, "svg.id": None}
        buffer = io.StringIO()
        with matplotlib.rc_context({k: v for k, v in settings.items() if k in matplotlib.rcParams}):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        text = buffer.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
        text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{self.name}-", text)
        opening = text[: text.index(">") + 1]
        width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', opening).groups()
        start = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
            f'viewBox="0 0 {width} {height}" aria-labelledby="{self.name}-t {self.name}-d">'
            f'<title id="{self.name}-t">{escape(self.title, quote=False)}</title>'
            f'<desc id="{self.name}-d">{escape(self.alt, quote=False)}</desc>'
        )
        picture = start + text[len(opening) :].rstrip()
        shown = set(unescape(re.sub(r"<style.*?</style>|<[^>]+>", "", picture, flags=re.S)))
        if missing := shown - style.characters() - set("\n\t"):
            raise ValueError(f"chart {self.name}: the shipped font has no glyph for {' '.join(sorted(missing))}")
        return picture

    def png(self, dpi: int = 160) -> bytes:
        """Return the picture as PNG, for documents that cannot show SVG."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return buffer.getvalue()

    def csv(self) -> str:
        """Return the numbers behind the picture as CSV; a cell that is one number is written as such.

        Examples
        --------
        >>> frame = pd.DataFrame({"Year": ["2030"], "Gap": ["\N{MINUS SIGN}2,236"], "Interval": ["1,000 to 2,000"]})
        >>> print(Chart("gap", Figure(), "Gap", "", "", frame, "").csv())
        Year,Gap,Interval
        2030,-2236,"1,000 to 2,000"
        <BLANKLINE>
        """
        plain = self.twin.map(_plain)
        return plain.to_csv(index=False, lineterminator="\n")

    def csv_address(self) -> str:
        """Return the numbers as an address to save them from, without a file or a script; marked as UTF-8."""
        return "data:text/csv;base64," + b64encode(("\ufeff" + self.csv()).encode("utf-8")).decode("ascii")

    def _repr_html_(self) -> str:
        return str(self.html())

    def html(self) -> Html:
        """Return the figure element with caption, picture, finding, source and table twin."""
        caption = element("figcaption", self.title)
        plot = element("div", Html(self.svg()), cls="plot", role="group", tabindex="0", aria_label=self.title)
        finding = element("p", self.alt, cls="finding")
        source = element("p", self.source, cls="source")
        numeric = list(self.twin.columns[1:])
        file = element("a", f"{self.title} (CSV)", href=self.csv_address(), download=f"{self.name}.csv")
        twin = element(
            "details",
            Html(
                element("summary", self.twin_label)
                + table(self.twin, self.title, numeric=numeric)
                + element("p", file, cls="file")
            ),
            cls="twin",
        )
        return element("figure", Html(caption + plot + finding + source + twin), cls="chart", id=f"chart-{self.name}")


def rehearse() -> None:
    """Draw a chart that nobody sees: processes forked from this one then have fonts, glyphs and styles at hand."""
    with style.drawing():
        figure, axes = style.canvas(1, 2)
        for ax, language in zip(axes, LANGUAGES, strict=True):
            t = Text(language)
            words = t("page.twin")
            ax.plot([2020, 2050], [0, 1000], label=words)
            ax.fill_between([2020, 2050], [0, 900], [0, 1100], lw=0)
            style.count_axis(ax, t, words)
            style.year_axis(ax, 2020, 2050)
            style.end_labels(ax, [(2050, 1000, words, style.BLUE)])
            ax.text(2030, 500, words, fontweight="bold")
            ax.legend()
        Chart("rehearsal", figure, "", "", "", pd.DataFrame(), "").svg()
