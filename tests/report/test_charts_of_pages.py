"""Every chart of a notebook: what is drawn, what the table shows and what its CSV holds are the same numbers."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from eldercare.report.chart import Chart, Table

NOTEBOOKS = {"04_meals": {"demand", "age", "even", "density"}, "05_services": {"pace", "shares", "workers"}}
NOTEBOOKS["08_plan"] = {"beds", "care", "payers", "front"}


def drawn(chart: Chart) -> list[np.ndarray]:
    """Return the values of every line through the years and of every row of bars in a picture."""
    values = [line.get_ydata() for ax in chart.figure.axes for line in ax.lines if len(line.get_xdata()) > 2]
    for bars in (bars for ax in chart.figure.axes for bars in ax.containers):
        across = bars.orientation == "horizontal"
        values.append(np.array([bar.get_width() if across else bar.get_height() for bar in bars]))
    return values


def told(table: Table) -> list[np.ndarray]:
    """Return the columns that a table shows, for each kind of row."""
    numbers = [part for column in table.columns if column.words is None for part in column.parts() if part != "year"]
    kinds = [column.name for column in table.columns if column.words is not None and "year" in table.frame]
    frames = [frame for _, frame in table.frame.groupby(kinds)] if kinds else [table.frame]
    return [frame[name].to_numpy(float) for frame in frames for name in numbers]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("area", ["huzhou", "deqing"])
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_picture_table_and_csv_hold_the_same_numbers(run_notebook, notebook, area, language):
    charts = run_notebook(notebook, area, language).charts
    assert set(charts) == NOTEBOOKS[notebook]
    for chart in charts.values():
        columns = told(chart.table)
        assert drawn(chart)
        for values in drawn(chart):
            assert any(len(c) == len(values) and np.allclose(c, values, equal_nan=True) for c in columns), chart.name
        rows = list(csv.DictReader(io.StringIO(chart.table.csv())))
        assert len(rows) == len(chart.table.frame)
        for column in chart.table.columns:
            if column.words is None:
                given = [float(row[column.label] or "nan") for row in rows]
                np.testing.assert_allclose(given, chart.table.frame[column.name], rtol=1e-5)
        assert chart.finding and chart.title in chart.html() and chart.svg()
