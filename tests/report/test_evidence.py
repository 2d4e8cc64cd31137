"""Evidence page: printed ratios as intervals, recomputed figures, and no figure of the report but from its table."""

from __future__ import annotations

import html
import re

import pytest


def test_the_implied_numbers_are_those_of_the_method(run_notebook):
    implied = run_notebook("01_evidence", "huzhou", "en").names["implied"]
    # METHODS 10: 39,467 at "about 59", 25,097 at 37.6, 24,987 at 3.8%.
    expected = {
        "all_beds": (663_311, 674_650),
        "institution_beds": (666_587, 668_362),
        "purchased_care": (649_013, 666_320),
    }
    for name, ends in expected.items():
        assert implied.loc[name, ["low", "high"]].to_numpy() == pytest.approx(ends, abs=1)


def test_ratios_that_cannot_rest_on_the_same_people_are_told(run_notebook, words):
    shown = run_notebook("01_evidence", "huzhou", "en")
    assert "do not all agree" in words(shown["answer"])
    wider = shown.names["implied"].assign(high=shown.names["implied"]["high"] + 10_000)
    assert "agree within rounding" in words(shown.again("answer", implied=wider))


def test_a_corrected_table_changes_every_figure_that_is_printed_from_it(run_notebook):
    told = run_notebook("01_evidence", "huzhou", "en")
    names = told.names
    assert (
        names["checks"].set_index("name").loc["private", "printed"]
        == names["report"].loc["private_bed_share", "value"] / 100
    )
    checks = names["checks"].assign(printed=[1, 0.5, "full coverage", None])
    shown = told.again("checks", checks=checks).html()
    assert "50.0%" in shown and "full coverage" in shown and "not printed" in shown


def test_a_countys_part_is_marked_and_the_citys_is_reported(run_notebook):
    for area, kind in (("deqing", "allocated"), ("huzhou", "reported")):
        start = run_notebook("01_evidence", area, "en").names["start"].set_index("name")
        assert set(start.loc[["beds_institutional", "beds_home_care_centres", "meal_points"], "kind"]) == {kind}


def test_chinese_pages_have_no_column_of_english_names(run_notebook):
    shown = str(run_notebook("01_evidence", "huzhou", "zh")["report"].html())
    assert "Beds in institutions" not in shown and "养老机构床位数" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_source_whose_address_is_on_record_leads_to_it(run_notebook, language):
    told = run_notebook("01_evidence", "huzhou", language)
    page = told.names["page"]
    sources = page.run.project.sources
    shown = f"{told['sources'].html()}{told['conflicts']}{page.parameters()}"
    assert f'<a href="{sources["HZ2019"].url}" rel="noreferrer">' in shown
    linked = set(re.findall(r'<a href="([^"]+)" rel="noreferrer">', html.unescape(shown)))
    assert linked <= {source.url for source in sources.values()} and len(linked) > 15
    # The report itself has no address: its title stands as text.
    assert sources["SEED"].url == "" and page.own_words(sources["SEED"].title) in html.unescape(shown)


def test_the_report_measures_itself_by_the_targets_of_its_plan(run_notebook, words):
    # As the mid-term evaluation of 2018 says: 59 beds for 50 planned, 9 ahead; 78% private for 70%.
    shown = run_notebook("01_evidence", "huzhou", "en")
    plans = shown.names["plans"].query("area == 'huzhou'").set_index("indicator")
    assert plans.loc["beds_per_1000_elders", ["value", "reached", "ahead"]].tolist() == [50, 59, 9]
    assert plans.loc["private_bed_share", ["value", "reached", "ahead"]].tolist() == [70, 78, 8]
    said = words(shown["plans-finding"])
    assert "59 reached for 50 planned, 9 ahead" in said and "78 reached for 70 planned, 8 ahead" in said
    # A later plan of the country was passed, another was not met.
    country = shown.names["plans"].query("area == 'china'").set_index("indicator")["ahead"]
    assert country["nursing_bed_share"] > 0 > country["beds_total"]
