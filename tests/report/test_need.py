"""Sentences of the page on care need: right for a queue and for none, named by the way and the definition in force."""

from __future__ import annotations

import re

import pytest

from eldercare import load
from eldercare.inputs import Project
from eldercare.report import Page, beds

LANGUAGES = ("en", "zh")
# What is changed to make each case.
CASES = {
    "shortage": {},
    "surplus": {"need.institution_by": "use"},
    "never": {"need.institution_by": "use", "need.institution_factor": 0.3},
}


@pytest.fixture(scope="module")
def pages(project: Project) -> dict[tuple[str, str], Page]:
    return {
        (case, language): Page("need", "huzhou", "baseline", {"run.draws": 200, **changes}, language, project)
        for case, changes in CASES.items()
        for language in LANGUAGES
    }


def queue(run_notebook, case: str, language: str) -> str:
    changed = {name.replace(".", "__"): value for name, value in CASES[case].items()}
    return run_notebook("03_need", "huzhou", language, run__draws=200, **changed).charts["queue"].finding


@pytest.mark.parametrize(
    ("case", "en", "zh"),
    [
        (
            "shortage",
            r"all in care need ask .* full from 20\d\d on \(50% chance\) and [\d,]+ people wait in 2035",
            r"自20\d\d年起住满（50%概率），2035年轮候",
        ),
        ("never", r"all in care need ask .* not full by 2050", "到2050年机构仍未住满"),
    ],
)
def test_the_queue_says_when_institutions_are_full_or_that_they_are_not(run_notebook, case, en, zh):
    for language, pattern in (("en", en), ("zh", zh)):
        assert re.search(pattern, queue(run_notebook, case, language)), language


def test_homes_are_called_full_from_the_year_in_which_every_second_draw_has_a_waiting_list(pages, run_notebook):
    rows = beds.rows_of(pages["shortage", "en"].run, "institution")
    said = queue(run_notebook, "shortage", "en")
    year = int(re.search(r"as today, institutions are full from (20\d\d) on", said)[1])
    assert rows.loc[year, "waiting_as_today_p50"] > 0.01 * rows.loc[year, "residents_as_today_mean"]
    assert rows.loc[year - 1, "waiting_as_today_p50"] <= 0.01 * rows.loc[year - 1, "residents_as_today_mean"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("area", ["huzhou", "deqing"])
def test_need_demand_and_use_stand_as_three_numbers(run_notebook, words, area, language):
    shown = words(run_notebook("03_need", area, language)["need-picture"])
    for name in ("need", "demand", "use") if language == "en" else ("照护需求", "入住意愿", "实际入住"):
        assert re.search(name, shown, re.IGNORECASE), name


def test_the_size_that_reaches_the_target_occupancy_is_told(run_notebook, words):
    # Erlang's loss formula: 5% turned away at a mean occupancy of 85%.
    shown = run_notebook("03_need", "huzhou", "en", run__draws=200)
    assert "needs homes of about 52 beds or more" in words(shown["margin-picture"])
    changed = {"beds.turned_away": 0.1, "queue.wait_days": 60}
    more = shown.again("margin-numbers", run=load("huzhou", overrides=changed, project=shown.names["run"].project))
    assert (more[["occupancy", "waiting"]] > shown.names["margin"][["occupancy", "waiting"]]).to_numpy().all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_care_need_rests_on_is_told_by_definition_and_by_way(pages, run_notebook, words, language):
    page = pages["shortage", language]
    shown = run_notebook("03_need", "huzhou", language, run__draws=200)
    frame, said = shown.names["definitions"], words(shown["care_need-finding"])
    assert frame["prevalence"].tolist() == [0.116, 0.183, 0.0745, 0.0234]
    target = page.run.care_need.query("year == @page.target and in_force").iloc[0]
    answer = words(shown["answer"])
    assert (
        page.t.rounded(target["beds_mean"], beside=[target["beds_p90"]]) in answer
        and page.choice("need.institution_by") in answer
    )
    assert re.search(r"\d to|万—", said)
    assert list(shown.names["ways"]["way"].unique()) == ["pattern", "use", "severity"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_need_is_named_by_the_way_and_the_definition_in_force(pages, run_notebook, words, language):
    for case, pattern in (("shortage", True), ("surplus", False)):
        page = pages[case, language]
        changed = {name.replace(".", "__"): value for name, value in CASES[case].items()}
        shown = words(run_notebook("03_need", "huzhou", language, run__draws=200, **changed)["need-picture"])
        assert (page.value("need.institution_by", "pattern") in shown) == pattern
        gaps = words(run_notebook("03_beds", "huzhou", language, **changed)["demand-picture"])
        assert page.choice("need.institution_by") in gaps
