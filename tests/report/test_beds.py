"""Sentences of the beds page: right for shortage, surplus, never and already, in both languages."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from eldercare.inputs import load_project
from eldercare.report import Page, beds

LANGUAGES = ("en", "zh")
# What is changed to make each case.
CASES = {
    "shortage": {},
    "surplus": {"beds.norm": 33, "need.institution_by": "use"},
    "never": {"beds.norm": 10, "need.institution_by": "use", "need.institution_factor": 0.3},
    "already": {"beds.norm": 59},
}


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def pages(project):
    return {
        (case, language): Page("beds", "huzhou", "baseline", {"run.draws": 200, **changes}, language, project)
        for case, changes in CASES.items()
        for language in LANGUAGES
    }


def words(html) -> str:
    text = html.html() if hasattr(html, "html") else html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(text))).strip()


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        (
            "shortage",
            r"about \d+ care beds per 1,000 registered .* in 2026 \(\d+ per 1,000 residents .*\); the norm is 50\. "
            r"In 2030 .* beds are missing \(80% interval .*\); counting residents .* beds short",
            r"2026年湖州市每千名60岁及以上户籍老年人约有养老床位\d+张（按.*常住老年人为\d+张），标准为50张。2030年缺",
        ),
        ("surplus", "the norm is 33.* beds above the norm", "标准为33张。.*比标准多.*张"),
        ("never", "the norm is 10.* beds above the norm", "标准为10张。.*比标准多"),
        ("already", "the norm is 59.* missing", "标准为59张。.*缺"),
    ],
)
def test_the_answer_fits_the_case(pages, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        assert re.search(pattern, words(beds.answer(pages[case, language]))), language


def test_the_answer_says_when_a_plan_meets_the_norm_again(project):
    page = Page("beds", "huzhou", "hold_the_norm", {"run.draws": 200}, "en", project)
    assert re.search(r"The norm is met again from 20\d\d on|It is not met again by 2050", words(beds.answer(page)))
    still = Page("beds", "huzhou", "baseline", {"run.draws": 200}, "en", project)
    assert "met again" not in words(beds.answer(still))


def test_which_county_is_first_cannot_be_told_from_shares_of_a_total(pages):
    names = "Wuxing, Nanxun, Deqing, Changxing and Anji"
    assert words(beds.first_county(pages["shortage", "en"])).startswith(f"The beds of {names} are shares of")
    assert "无法判断哪个区县最先低于标准" in words(beds.first_county(pages["shortage", "zh"]))


# Beds of each county's own, institution and centre; together those of the report.
OWN = {
    "wuxing": (6214, 3557),
    "nanxun": (5106, 2923),
    "deqing": (4318, 2473),
    "changxing": (5442, 3116),
    "anji": (4017, 2301),
}
STATED = "{{set: {}, interval: none, evidence: assumption, source: none, locator: a test}}"


@pytest.fixture
def counted(project_copy):
    """Return a project whose counties have each reported their beds."""
    for county, numbers in OWN.items():
        file = project_copy / "config" / "counties" / f"{county}.yaml"
        keys = ("supply.institution_beds", "supply.home_care_centre_beds")
        facts = "".join(f"\n  {key}: {STATED.format(n)}" for key, n in zip(keys, numbers, strict=True))
        file.write_text(file.read_text(encoding="utf-8").replace("facts: {}", f"facts:{facts}"), encoding="utf-8")
    return load_project(project_copy)


@pytest.mark.parametrize(
    ("norm", "said"),
    [
        (50, r"Anji is the first county to fall below the norm, in 2023; the probability"),
        (54.7, r"(stood below their norm already .* follows|is the first county to fall below the norm,) in 20\d\d"),
        (59, "All counties stood below their norm already at the end of 2020"),
        (10, "No county falls below its norm until 2050"),
    ],
)
def test_the_first_county_to_run_short_is_named_where_each_has_counted(counted, norm, said):
    page = Page("beds", "huzhou", "baseline", {"run.draws": 60, "beds.norm": norm}, "en", counted)
    assert re.search(said, words(beds.first_county(page)))


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        ("shortage", "lacks .* institution beds by care need", "按照护需求缺"),
        ("never", "has .* institution beds to spare by care need", "按照护需求富余"),
    ],
)
def test_the_waterfall_says_shortage_or_surplus(run_notebook, case, en, zh):
    changed = {name.replace(".", "__"): value for name, value in CASES[case].items()}
    for language, pattern in (("en", en), ("zh", zh)):
        shown = run_notebook("03_beds", "huzhou", language, **changed)
        assert re.search(pattern, shown.charts["parts"].finding), language


def test_the_parts_add_to_the_gap_of_the_chart_beside_them_and_the_counties_to_the_city(run_notebook):
    shown = run_notebook("03_beds", "huzhou", "en")
    frame, run = shown.charts["parts"].table.frame.set_index("part"), shown.names["run"]
    gap = beds.rows_of(run, "institution").loc[run.target_year, "gap_need_mean"]
    assert frame.loc["gap", "huzhou"] == pytest.approx(gap)
    assert frame.drop(index="gap").sum().to_numpy() == pytest.approx(frame.loc["gap"].to_numpy())
    assert frame.drop(columns="huzhou").sum(axis=1).to_numpy() == pytest.approx(frame["huzhou"].to_numpy())


def test_supply_and_gap_add_to_the_demand_that_is_drawn(pages):
    run = pages["shortage", "en"].run
    for kind in ("institution", "home_care_centre"):
        rows, drawn = beds.rows_of(run, kind), beds.demand(run, kind)
        for ladder in ("ratio", "need"):
            assert (drawn[ladder] - drawn["supply"]).to_numpy() == pytest.approx(rows[f"gap_{ladder}_mean"].to_numpy())


def test_the_pace_says_that_nothing_is_to_be_built_where_the_norm_holds(run_notebook):
    never = {name.replace(".", "__"): value for name, value in CASES["never"].items()}
    for language, expected in (("en", "without adding a bed"), ("zh", "不增床位")):
        assert expected in words(run_notebook("03_beds", "huzhou", language, **never)["supply-finding"])
    said = words(run_notebook("03_beds", "huzhou", "en")["supply-finding"])
    assert re.search(r"add [\d,]+ beds a year from 2027 on .* needs \d\.\d times", said)


@pytest.mark.parametrize(
    ("low", "mean", "high", "said"),
    [
        (-5, 3, 9, "between 5 beds to spare and 9 missing"),
        (-9, -3, 5, "between 9 beds to spare and 5 missing"),
        (1, 3, 9, r"3 beds are missing \(80% interval 1 to 9\)"),
        (-9, -3, -1, "3 beds above the norm"),
    ],
)
def test_a_gap_whose_interval_holds_nought_is_told_as_open(pages, low, mean, high, said):
    row = {"gap_ratio_p10": low, "gap_ratio_mean": mean, "gap_ratio_p90": high, "basis": "registered"}
    told = beds.gap_text(pages["shortage", "en"], row, {"gap_ratio_mean": 40.0, "basis": "resident"})
    assert re.search(said, told) and told.endswith("counting residents aged 60+: 40 beds short.")


def test_disagreement_of_the_ladders_names_the_years_of_each_kind():
    rows = pd.DataFrame(
        {
            "year": [2020, 2021, 2022, 2023],
            "gap_ratio_mean": [-10.0, 10.0, 10.0, 0.5],
            "gap_need_mean": [10.0, -10.0, 10.0, -10.0],
            "demand_ratio": 100.0,
            "demand_need": 100.0,
        }
    )
    assert beds.disagreeing(rows) == {"idle": [2021], "queue": [2020]}


def test_years_are_told_as_ranges(pages):
    assert beds.year_ranges(pages["shortage", "en"], [2020, 2021, 2022, 2030]) == "2020 to 2022 and 2030"


def test_the_one_county_figure_is_shown_with_the_reason_why_it_is_not_used(run_notebook):
    for language, reason in (("en", "not all institutions"), ("zh", "不含全部养老机构")):
        shown = words(run_notebook("03_beds", "changxing", language)["supply-picture"])
        assert "1,590" in shown and reason in shown
        assert run_notebook("03_beds", "anji", language).names["notes"] == []


def test_the_private_share_is_computed_and_set_beside_the_printed_one(run_notebook):
    shown = run_notebook("03_beds", "huzhou", "en")
    shares = shown.names["shares"].set_index("row")
    assert shares.loc["private", "now"] == pytest.approx(19_423 / 25_097)
    assert shares.loc["private", "beside"] == pytest.approx(0.78)
    told = words(shown["supply-picture"])
    assert "77.4%" in told and "78.0%" in told and "70%" in told


def test_nobody_is_told_to_convert_beds_while_the_target_may_be_met(run_notebook, monkeypatch):
    shown = run_notebook("03_beds", "huzhou", "en")
    rows, told = beds.rows_of(shown.names["run"], "institution"), words(shown["supply-finding"])
    assert "cannot be told" in told and "65.7%" in told and "to be converted" not in told
    for low, high, said in ((100.0, 3000.0, "more are to be converted"), (-3000.0, -100.0, "than the target of 55%")):
        moved = rows.assign(nursing_missing_p10=low, nursing_missing_p90=high, nursing_missing_mean=(low + high) / 2)
        monkeypatch.setattr(beds, "rows_of", lambda *_, moved=moved: moved)
        assert said in words(shown.again("supply-nursing", "supply-finding", said=[]))


def test_a_county_is_not_said_to_have_the_largest_gap_where_none_has_one(run_notebook):
    names = run_notebook("03_beds", "huzhou", "en").names
    rows = "bed_type == 'all' and basis == 'registered' and year == 2035 and area != 'huzhou'"
    page, frame = names["page"], names["run"].everywhere("beds").query(rows)
    assert "has the largest gap" in beds.counties_chart(page, frame).said()
    fewer = frame.filter(like="gap_ratio") - frame["gap_ratio_mean"].max() - 1
    assert "no county lacks beds" in beds.counties_chart(page, frame.assign(**fewer)).said()
