"""What pages share: columns from their specifications, words that are at hand, rows that are printed."""

from __future__ import annotations

import pandas as pd
import pytest

from eldercare.report import Column, Page
from eldercare.report.marks import Axis, Panel, Series, lines


@pytest.fixture(scope="module")
def page(project):
    return Page("beds", "deqing", "baseline", {"run.draws": 40}, "en", project)


@pytest.mark.parametrize(
    ("spec", "column"),
    [
        ("supply", Column("supply", "Supply")),
        ("gap_ratio ~", Column("gap_ratio", "Gap by the norm", interval=True)),
        ("supply .2", Column("supply", "Supply", 2)),
        ("supply .?", Column("supply", "Supply", None)),
        ("share %", Column("share", "Share of institution beds", 0, "percent")),
        ("share .1% ~", Column("share", "Share of institution beds", 1, "percent", True)),
        ("part +", Column("part", "Part", form="signed")),
        ("part text", Column("part", "Part", form="text")),
        ("norm year", Column("norm", "Norm", form="year")),
        ("mine =c_norm", Column("mine", "Norm")),
        ("mine =page.c_value", Column("mine", "Value")),
        ("year", Column("year", "Year", form="year")),
    ],
)
def test_a_column_is_what_its_specification_says(page, spec, column):
    assert page.columns(spec) == [column]


def test_values_stand_in_the_words_of_the_catalogue(page):
    frame = pd.DataFrame(
        {
            "area": ["anji"],
            "allocated": [True],
            "bed_type": ["all"],
            "kind": ["derived"],
            "crossing_year_p50": [float("nan")],
        }
    )
    columns = ["area", "allocated", "bed_type :kind =c_kind", "kind", "crossing_year_p50 when"]
    assert page.table("changes", frame, columns).csv().splitlines() == [
        "Area,Kind,Kind of bed,Kind,First year below (median)",
        "Anji,allocated,All beds,derived,not by 2050",
    ]


def test_a_name_that_is_known_is_a_column_like_any_other_beside_a_mark(page):
    assert page.column("kind :kind").label == "Kind of bed"
    assert page.column("kind").label == "Kind"


def test_a_label_and_words_may_be_given(page):
    column = page.column("2030 ~", "In 2030", {1: "one"})
    assert (column.label, column.words, column.interval) == ("In 2030", {1: "one"}, True)


@pytest.mark.parametrize("mark", ["1", ".12", "±", "years"])
def test_a_mark_that_is_not_known_is_an_error(page, mark):
    with pytest.raises(ValueError, match=f"column 'supply {mark}': '{mark}' is not known"):
        page.column(f"supply {mark}")


def test_a_column_without_a_label_in_the_catalogue_is_an_error(page):
    with pytest.raises(KeyError, match=r"beds\.c_nothing"):
        page.column("nothing")


def test_floats_in_sentences_are_counts_and_whole_numbers_stay(page):
    assert page.say("short", n=16_234.0) == "16,200 beds short"
    assert page.say("short", n=2035) == "2035 beds short"
    assert page.say("first_none") == "No county falls below its norm until 2050."


def test_a_count_that_is_not_known_does_not_choose_the_notation_of_the_others(page):
    chinese = Page("beds", page.run.area, "baseline", {"run.draws": 20}, "zh", page.run.project)
    for counts in ((7_570.0, 12_100.0), (float("nan"), 7_570.0, 12_100.0)):
        values = {f"x{place}": value for place, value in enumerate(counts)}
        words = chinese.say("page.from_to", low=7_570.0, high=12_100.0, **values)
        assert words == "0.76万—1.21万"


def printed(table) -> list[int]:
    return table.frame["year"].tolist() if table.shown is None else table.frame["year"][list(table.shown)].tolist()


def test_milestones_are_printed_of_a_frame_by_year_and_all_rows_are_saved(page):
    frame = pd.DataFrame({"supply": 1.0}, index=pd.Index(range(2020, 2051), name="year"))
    assert printed(page.table("crossing", frame, ["year", "supply"])) == page.years
    assert printed(page.table("crossing", frame, ["year", "supply"], shown=[2021])) == [2021]
    assert printed(page.table("crossing", frame.reset_index(), ["year", "supply"])) == list(range(2020, 2051))
    assert len(page.table("crossing", frame, ["year", "supply"]).csv().splitlines()) == 32


def test_words_of_a_chart_come_from_the_catalogue_by_its_name(page):
    frame = pd.DataFrame({"supply": 1.0}, index=pd.Index([2020, 2030], name="year"))
    figure = lines(page.t, Panel(frame, [Series("supply", "")]), Axis())
    chart = page.chart("parts", frame, ["year", "supply"], figure, key="parts_short", allocated=True, n=16_234.0)
    assert chart.title == page.say("parts_caption")
    assert chart.finding == "In 2035 Deqing lacks 16,200 institution beds by care need."
    assert chart.source == page.say("parts_source") + " " + page.say("also_allocated")
    assert page.chart("parts", frame, ["year", "supply"], figure, finding="Said.").finding == "Said."


@pytest.mark.parametrize(
    ("area", "changed", "said"),
    [
        ("deqing", {}, "No county figure was published"),
        ("deqing", {"supply.institution_beds": 5200}, "own number where it has one"),
        ("huzhou", {"supply.institution_beds": 5200}, "where every county has its own the city is their sum"),
    ],
)
def test_the_answer_says_by_which_rule_own_numbers_count(area, changed, said):
    page = Page("beds", area, "baseline", {"run.draws": 20} | changed, "en")
    assert said in page.answer("x", allocated=area == "deqing", own=["beds_institutional"])
