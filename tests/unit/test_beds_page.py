"""Sentences of the beds page: right for shortage, surplus, never and already, in both languages."""

import re

import pandas as pd
import pytest

from eldercare.inputs import load_project
from eldercare.report import Page, beds, gap, institutions, supply

LANGUAGES = ("en", "zh")
# What is changed to make each case.
CASES = {
    "shortage": {},
    "surplus": {"beds.norm": 33, "need.definition": "census"},
    "never": {"beds.norm": 10, "need.definition": "census", "need.census.institution_share": 0.15},
    "already": {"beds.norm": 59},
}


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def pages(project):
    return {
        (case, language): Page("03_beds", "huzhou", "baseline", {"run.draws": 200, **changes}, language, project)
        for case, changes in CASES.items()
        for language in LANGUAGES
    }


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(html))).strip()


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        (
            "shortage",
            r"fall below 50 per 1,000 .* in 20\d\d\. .* beds are missing",
            r"20\d\d年跌破50张。.*，缺.*张床位",
        ),
        ("surplus", r"fall below 33 .* in 203\d\. .* beds above the norm", r"203\d年跌破33张。.*比标准多.*张"),
        ("never", r"stay at or above 10 .* until 2050\. .* beds above the norm", r"2050年仍不低于10张。.*比标准多"),
        ("already", r"below 59 .* already at the end of 2020\. .* missing", r"2020年末已低于59张。.*缺"),
    ],
)
def test_the_answer_fits_the_case(pages, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        assert re.search(pattern, words(beds.answer(pages[case, language]))), language


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        ("shortage", r"Wuxing is the first county to run short, in 20\d\d", "最先跌破标准的是吴兴区"),
        ("surplus", r"is the first county to run short", "最先跌破标准的是"),
        ("never", "No county falls below its norm until 2050", "到2050年各县（区）均不会跌破标准"),
        (
            "already",
            "All counties stood below their norm already at the end of 2020",
            "各县（区）在2020年末均已低于标准",
        ),
    ],
)
def test_the_first_county_to_run_short_is_named_or_none(pages, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        assert re.search(pattern, words(beds.first_county(pages[case, language]))), language


def test_a_county_that_is_already_short_is_told_before_the_next(project):
    low = {"run.draws": 60, "beds.norm": 54.7}
    page = Page("03_beds", "huzhou", "baseline", low, "en", project)
    frame = page.run.first_short
    assert 0 < frame["already"].sum() < len(frame)
    assert re.search(r"stood below their norm already .* follows in 20\d\d", words(beds.first_county(page)))


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        ("shortage", "lacks .* institution beds by need", "按需要平均缺"),
        ("never", "has .* institution beds to spare by need", "按需要平均余"),
    ],
)
def test_the_waterfall_says_shortage_or_surplus(pages, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        assert re.search(pattern, gap.waterfall_chart(pages[case, language]).alt), language


def test_the_table_of_the_waterfall_adds_to_the_gap_and_the_counties_to_the_city(pages):
    page = pages["shortage", "en"]
    twin = gap.waterfall_chart(page).twin
    numbers = twin.iloc[:, 1:].map(lambda s: float(s.replace(",", "").replace("\N{MINUS SIGN}", "-")))
    assert numbers.iloc[:-1].sum().to_numpy() == pytest.approx(numbers.iloc[-1].to_numpy(), abs=4)
    assert numbers.iloc[:, 1:].sum(axis=1).to_numpy() == pytest.approx(numbers.iloc[:, 0].to_numpy(), abs=4)


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        (
            "shortage",
            r"all in need ask .* full from 20\d\d on and [\d,]+ elders wait in 2035",
            r"自20\d\d年起住满，2035年有",
        ),
        ("never", r"all in need ask .* not full by 2050", "到2050年机构仍未住满"),
    ],
)
def test_the_queue_says_when_institutions_are_full_or_that_they_are_not(pages, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        page = pages[case, language]
        sentence = institutions.queue_sentence(page, institutions.institution_rows(page), "need")
        assert re.search(pattern, sentence), language


def test_the_pace_says_that_nothing_is_to_be_built_where_the_norm_holds(pages):
    assert "without adding a bed" in words(supply.pace(pages["never", "en"]))
    assert "不增床位" in words(supply.pace(pages["never", "zh"]))
    assert re.search(
        r"add [\d,]+ beds a year from 2027 on .* needs \d\.\d times", words(supply.pace(pages["shortage", "en"]))
    )


def test_a_gap_whose_interval_holds_nought_is_told_as_open():
    def row(p10, p50, p90):
        return pd.Series({"gap_ratio_p10": p10, "gap_ratio_p50": p50, "gap_ratio_p90": p90})

    assert beds.gap_key(row(-5, 3, 9)) == beds.gap_key(row(-9, -3, 5)) == "beds.answer_gap_unsure"
    assert beds.gap_key(row(1, 3, 9)) == "beds.answer_gap_short"
    assert beds.gap_key(row(-9, -3, -1)) == "beds.answer_gap_enough"


def test_disagreement_of_the_ladders_names_the_years_of_each_kind():
    rows = pd.DataFrame(
        {
            "year": [2020, 2021, 2022, 2023],
            "gap_ratio_p50": [-10.0, 10.0, 10.0, 0.5],
            "gap_need_p50": [10.0, -10.0, 10.0, -10.0],
            "demand_ratio": 100.0,
            "demand_need": 100.0,
        }
    )
    assert beds.disagreeing(rows) == {"idle": [2021], "queue": [2020]}


def test_years_are_told_as_ranges(pages):
    assert beds.year_ranges(pages["shortage", "en"], [2020, 2021, 2022, 2030]) == "2020\N{EN DASH}2022 and 2030"


def test_the_one_county_figure_is_shown_with_the_reason_why_it_is_not_used(project):
    for language, reason in (("en", "not all institutions"), ("zh", "不含全部养老机构")):
        page = Page("03_beds", "changxing", "baseline", {"run.draws": 40}, language, project)
        shown = words(supply.supply_section(page))
        assert "1,590" in shown and reason in shown
        other = Page("03_beds", "anji", "baseline", {"run.draws": 40}, language, project)
        assert "1,590" not in words(supply.supply_section(other))


def test_the_private_share_is_computed_and_set_beside_the_printed_one(pages):
    shown = words(supply.nursing_and_private(pages["shortage", "en"]))
    assert "77.4%" in shown and "prints 78%" in shown and "70%" in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("area", ["huzhou", "deqing"])
def test_need_demand_and_use_stand_as_three_numbers(project, area, language):
    page = Page("03_beds", area, "baseline", {"run.draws": 40}, language, project)
    shown = words(institutions.need_table(page))
    for name in ("need", "demand", "use") if language == "en" else ("需要：", "需求：", "利用："):
        assert re.search(name, shown, re.IGNORECASE), name
