"""One frame gives picture, table and CSV; real text in the picture, and no character without a glyph."""

from __future__ import annotations

import base64
import io
import re

import matplotlib
import pandas as pd
import pytest
from markupsafe import escape

from eldercare.report import Column, Html, Table
from eldercare.report.chart import Chart, turned
from eldercare.report.marks import Axis, Panel, Series, lines
from eldercare.report.text import Text

YEARS = [2020, 2030, 2050]


def table(t: Text | None = None, **values: object) -> Table:
    t = t or Text("en")
    frame = pd.DataFrame(
        {"year": YEARS, "gap": [0.0, -1234.5, 7.0], "gap_p10": [0.0, -2000.0, 1.0], "gap_p90": [0.0, 10.25, 9.0]}
    )
    columns = [Column("year", "Year", form="year"), Column("gap", "Gap", interval=True)]
    return Table("gap", frame, columns, "Beds & more", t, **values)


def chart(label: str = "beds") -> Chart:
    t = Text("en")
    shown = table(t)
    panel = Panel(shown.frame.set_index("year"), [Series("gap", label)])
    return Chart(shown, lines(t, panel, Axis("Gap", "beds", zero=False)), "They grow.", "Source")


def saved(given: Table) -> pd.DataFrame:
    """Return the frame that a reader of the page can save."""
    address = re.search(r'href="data:text/csv;base64,([^"]+)"', str(given.csv_link()))
    return pd.read_csv(io.StringIO(base64.b64decode(address[1]).decode("utf-8-sig")))


def test_the_letters_of_a_picture_are_text_and_its_ids_are_its_own():
    svg = chart("张").svg()
    assert ">张</text>" in svg
    assert all(name.startswith("gap-") for name in re.findall(r'\bid="([^"]+)"', svg))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("label", ["北碶", "Łódź Ā", "🏠 𪚥", "$5_x$ 100% ^2 \\alpha \\$", "_first", "a & <b>"])
def test_a_name_is_drawn_as_written_whatever_signs_it_holds(label: str):
    assert f">{escape(label)}</text>" in chart(label).svg()


HOSTILE = {
    "axes.facecolor": "yellow",
    "axes.formatter.use_mathtext": True,
    "font.size": 30,
    "path.sketch": (1, 100, 2),
    "savefig.bbox": "tight",
    "savefig.dpi": 20,
    "svg.fonttype": "path",
    "text.usetex": True,
    "xtick.labelsize": 3,
}


def test_the_settings_of_the_user_leave_a_picture_as_it_is():
    with matplotlib.rc_context(HOSTILE):
        drawn = chart().svg()
        assert matplotlib.rcParams["font.size"] == 30
    assert drawn == chart().svg()


def test_what_is_saved_are_the_numbers_of_the_frame_in_every_row():
    given = table(shown=[False, True, False])
    numbers = saved(given)
    assert numbers.columns.tolist() == ["Year", "Gap", "Gap p10", "Gap p90"]
    assert numbers.to_numpy() == pytest.approx(given.frame.to_numpy())
    assert str(given.html()).count("<tr>") == 2


def test_a_number_stands_with_its_interval_and_a_known_one_without():
    rows = str(table().html()).split("<tr>")
    assert "<small>" not in rows[2]
    assert re.search("\N{MINUS SIGN}1,234<br><small>\N{MINUS SIGN}2,000 to 10</small>", rows[3])
    assert "80% interval" in rows[0]


def test_text_of_users_is_escaped_and_finished_html_is_kept():
    frame = pd.DataFrame({"name": ["<b>", "x"], "tag": [Html("<i>a</i>"), None]})
    given = Table(
        "t", frame, [Column("name", "<Name>", form="text"), Column("tag", "Tag", form="text")], "<c>", Text("en")
    )
    html = str(given.html())
    assert "<b>" not in html and "&lt;b&gt;" in html and "&lt;Name&gt;" in html and "<i>a</i>" in html
    assert "none" in html


def test_words_stand_for_ids_on_the_page_and_in_the_file():
    frame = pd.DataFrame({"area": ["north"], "flag": [True]})
    columns = [
        Column("area", "Area", form="text", words={"north": "North"}),
        Column("flag", "Kind", form="text", words=lambda on: Html(f"<b>{on}</b>")),
    ]
    given = Table("t", frame, columns, "c", Text("en"))
    assert saved(given).to_dict("records") == [{"Area": "North", "Kind": True}]


def test_a_percentage_is_a_share_written_with_its_sign():
    given = Table("t", pd.DataFrame({"x": [0.125]}), [Column("x", "X", 1, "percent")], "c", Text("zh"))
    assert "12.5%" in str(given.html())


def test_years_turn_into_columns_with_their_intervals():
    frame = pd.DataFrame({"a": [1.0, 2.0], "a_p10": [0.5, 1.5], "a_p90": [1.5, 2.5]}, index=[2030, 2050])
    assert turned(frame, [2050]).to_dict("records") == [{"row": "a", "2050": 2.0, "2050_p10": 1.5, "2050_p90": 2.5}]
