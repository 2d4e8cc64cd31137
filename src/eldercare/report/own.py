"""Pictures of an analyst's own frames in the suite's style."""

import pandas as pd

from eldercare.report import marks
from eldercare.report.chart import HIGH, LOW, Chart, Column, Table
from eldercare.report.html import SITE
from eldercare.report.page import notebook_style
from eldercare.report.text import LANGUAGES, Text


class OwnChart(Chart):
    """A chart that brings the style and the font of the pages along to a notebook that has neither."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        drawn = self.html()
        return {"text/html": notebook_style() + drawn, SITE: drawn}


def draw(frame: pd.DataFrame, title: str = "", words: str = "", language: str = "en") -> Chart:
    """Draw a frame of numbers: lines by year where its index holds years, else bars by row.

    Every numeric column is drawn; ``NAME_p10`` and ``NAME_p90`` as the interval of NAME, as
    :meth:`eldercare.model.Results.summary` gives them. ``words`` say what the axis counts, with its unit.
    """
    t = Text(language)
    numbers = frame.select_dtypes("number").rename(columns=str)
    drawn = [name for name in numbers if not name.endswith((LOW, "_p50", HIGH))]
    rows = numbers.rename_axis("row").reset_index()
    columns = [Column("row", frame.index.name or "", form="text")]
    columns += [Column(n, n, marks.decimals_of(numbers[n]), interval=f"{n}{LOW}" in numbers) for n in drawn]
    return OwnChart(Table("own", rows, columns, title, t), marks.own(t, numbers, words), title)


def rehearse() -> None:
    """Draw charts that nobody sees: processes forked from this one then have fonts, glyphs and styles at hand."""
    frame = pd.DataFrame({"a": [0.0, 900.0], "a_p10": [0.0, 800.0], "a_p90": [0.0, 1100.0]}, index=[2030, 2050])
    for language in LANGUAGES:
        words = Text(language)("page.twin")
        draw(frame, words, words, language).html()
        draw(frame.set_index("a_p10"), words, words, language).html()
