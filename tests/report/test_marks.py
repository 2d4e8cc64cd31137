"""Pictures: axes count in what their language counts, columns are drawn as they stand, labels keep their place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eldercare.report import marks, style
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.text import Text

EN, ZH = Text("en"), Text("zh")
YEARS = range(2020, 2051)


def frame(top: float) -> pd.DataFrame:
    values = np.linspace(top / 2, top, len(YEARS))
    return pd.DataFrame({"a": values, "a_p10": values * 0.9, "a_p90": values * 1.1}, index=YEARS)


@pytest.mark.parametrize(
    ("t", "high", "words", "tick"),
    [
        (EN, 900, "Beds (beds)", ("800", 800)),
        (EN, 40_000, "Beds (thousand beds)", ("40", 40_000)),
        (ZH, 9_000, "Beds（张）", ("8,000", 8_000)),
        (ZH, 40_000, "Beds（万张）", ("4", 40_000)),
        (ZH, 25_000, "Beds（万张）", ("0.5", 5_000)),
    ],
)
def test_large_counts_are_written_in_thousands_or_in_ten_thousands(t, high, words, tick):
    said, write = Axis("Beds", "beds").fit(t, 0, high)
    assert (said, write(tick[1], None)) == (words, tick[0])


def test_shares_are_written_as_percentages():
    assert Axis("x", share=True).fit(EN, 0, 1)[1](0.25, None) == "25%"


def test_lines_draw_the_column_and_its_interval():
    given = frame(100)
    figure = marks.lines(EN, Panel(given, [Series("a", "A")], rules=[(80, "norm")]), Axis("x"))
    (ax,) = figure.axes
    drawn = next(line for line in ax.lines if len(line.get_ydata()) == len(YEARS))
    assert np.array_equal(drawn.get_ydata(), given["a"])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(given["a_p10"].min()) and band.max() == pytest.approx(given["a_p90"].max())
    assert {text.get_text() for text in ax.texts} == {"norm", "A"}
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > given["a_p90"].max()


def test_panels_side_by_side_share_one_scale():
    panels = [Panel(frame(top), [Series("a", "A")], title) for top, title in ((100, "one"), (400, "two"))]
    first, second = marks.lines(EN, panels, Axis(unit="beds")).axes
    assert first.get_ylim() == second.get_ylim()
    assert first.get_title(loc="left") == "one"


def test_bars_across_carry_their_values_and_their_intervals():
    given = pd.DataFrame({"gap": [5.0, -3.0], "gap_p10": [4.0, -5.0], "gap_p90": [7.0, -1.0]})
    (ax,) = marks.bars(EN, given, {"gap": ""}, ["north", "south"], Axis("Gap")).axes
    assert [bar.get_width() for bar in ax.patches] == [5.0, -3.0]
    assert [text.get_text() for text in ax.texts] == ["5", "\N{MINUS SIGN}3"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["north", "south"]


def test_steps_end_where_the_parts_add_up():
    (ax,) = marks.steps(EN, {"more": 30.0, "fewer": -10.0}, "gap", Axis("Beds")).axes
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert ends == [30.0, 20.0, 20.0]
    assert [text.get_text() for text in ax.texts] == ["+30", "\N{MINUS SIGN}10", "+20"]


def test_an_own_frame_is_drawn_as_lines_by_year_and_as_bars_otherwise():
    assert len(marks.own(EN, frame(10), "").axes[0].lines) >= 1
    rows = pd.DataFrame({"beds": [1.0, 2.0]}, index=["north", "south"])
    assert len(marks.own(EN, rows, "").axes[0].patches) == 2


def test_the_style_of_a_user_is_left_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    marks.lines(EN, Panel(frame(10), [Series("a", "A", style.GREEN)]), Axis("x"))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ([119.95, 120.05], [30.53, 30.53]),
        ([119.95, 119.95], [30.5, 30.6]),
        ([119.95, 119.95], [30.53, 30.53]),
        ([119.9, 120.1], [30.5, 30.7]),
    ],
)
def test_a_map_has_room_in_both_directions_and_a_kilometre_is_as_long_in_each(lon, lat, capfd):
    places = pd.DataFrame({"kind": "now", "lon": lon, "lat": lat, "elders": [10.0, 20.0]})
    figure = marks.places(EN, places, {"now": ("Now", style.BLUE, "o")}, "East", "North")
    figure.draw_without_rendering()
    assert capfd.readouterr().err == ""
    (ax,) = figure.axes
    (west, east), (south, north), box = ax.get_xlim(), ax.get_ylim(), ax.get_window_extent()
    assert west < min(lon) <= max(lon) < east and south < min(lat) <= max(lat) < north
    assert box.height > 0.3 * box.width and box.width > 0.3 * box.height
    east_km, north_km = (east - west) * 111.2 * np.cos(np.radians(30.55)), (north - south) * 111.2
    assert box.width / east_km == pytest.approx(box.height / north_km, rel=0.01)
    assert max(east_km, north_km) < 50
    for side in (ax.xaxis, ax.yaxis):
        written = [label.get_text() for label in side.get_ticklabels()]
        assert len(written) == len(set(written)) > 2
