"""A chart as it stands on a page: real text, its numbers as CSV, and no character without a glyph."""

from __future__ import annotations

import base64
import csv
import io

import pandas as pd
import pytest

from eldercare.report import Html, style
from eldercare.report.chart import Chart


def chart(label: str = "张", cell: object = "\N{MINUS SIGN}1,234.5") -> Chart:
    with style.drawing():
        figure, ax = style.canvas()
        ax.plot([2020, 2030], [1, 2])
        ax.text(2025, 1.5, label)
    twin = pd.DataFrame({"年份": ["2030"], "Gap": [cell]})
    return Chart("beds", figure, "Beds", "They grow.", "Source", twin, "Table")


def test_the_letters_of_a_picture_are_text():
    assert ">张</text>" in chart().svg()


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_character_without_a_glyph_is_an_error():
    with pytest.raises(ValueError, match="chart beds: the shipped font has no glyph for 龘"):
        chart("龘").svg()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("\N{MINUS SIGN}1,234.5", "-1234.5"),
        ("2,000 to 3,000", "2,000 to 3,000"),
        (Html("<span>12</span> &lt; 13"), "12 < 13"),
        ("2030", "2030"),
    ],
)
def test_the_numbers_of_a_chart_are_a_csv_that_spreadsheets_read(cell, expected):
    address = chart(cell=cell).csv_address()
    text = base64.b64decode(address.partition(",")[2]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [["年份", "Gap"], ["2030", expected]]
