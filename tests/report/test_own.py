"""Pictures of own frames: any frame of numbers, with its table and file, in a notebook that has no style."""

from __future__ import annotations

import pandas as pd

import eldercare


def test_a_summary_is_drawn_with_its_interval_and_saved_whole():
    frame = pd.DataFrame({"a": [1.0, 2.0], "a_p10": [0.5, 1.0], "a_p90": [1.5, 3.0]}, index=[2020, 2021])
    chart = eldercare.draw(frame, "Own", "beds")
    assert chart.table.csv().splitlines() == [",a,a p10,a p90", "2020,1,0.5,1.5", "2021,2,1,3"]
    shown = chart._repr_mimebundle_()
    assert "<style>" in shown["text/html"] and "<svg" in shown["text/html"]
    assert not any("<style>@font-face" in html for name, html in shown.items() if "site" in name)


def test_rows_without_years_are_bars():
    frame = pd.DataFrame({"beds": [30.0, 10.0], "note": ["x", "y"]}, index=["north", "south"])
    chart = eldercare.draw(frame)
    assert "north" in chart.svg() and chart.table.frame["beds"].tolist() == [30.0, 10.0]
