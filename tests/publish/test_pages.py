"""What surrounds a page: links to what exists, or to the nearest that does."""

from __future__ import annotations

from itertools import product

import pytest

from eldercare.publish.pages import Labels, shell
from eldercare.publish.request import PageAddress
from eldercare.publish.topics import Topic

NAMES = {name: {"en": name.title(), "zh": name} for name in ("city", "north", "south", "baseline", "other")}
TOPICS = {
    "01_facts": Topic(NAMES["city"], "origin"),
    "03_beds": Topic(NAMES["north"], "main", ("beds", "crossing")),
    "07_test": Topic(NAMES["south"], "sure"),
}
LABELS = Labels(
    {name: NAMES[name] for name in ("city", "north", "south")},
    {name: NAMES[name] for name in ("baseline", "other")},
    TOPICS,
    {language: {"city": "City"} for language in ("en", "zh")},
)
HERE = PageAddress("en", "baseline", "north", "03_beds")
ALL = [PageAddress("en", *place) for place in product(LABELS.scenarios, LABELS.areas, TOPICS)]


def each(*pages: PageAddress) -> dict[PageAddress, PageAddress]:
    """Return places of pages that all stand at their own address."""
    return {page: page for page in pages}


EACH = each(*ALL)


def hrefs(links) -> list[str | None]:
    return [link.href and link.href.removeprefix("../../../").removesuffix(".html") for link in links]


def test_pages_that_exist_are_linked_and_the_readers_own_is_marked():
    around = shell(HERE, LABELS, EACH, "0001-x", {})
    assert hrefs(around.areas) == ["en/baseline/city/03_beds", "en/baseline/north/03_beds", "en/baseline/south/03_beds"]
    assert [link.current for link in around.areas] == [False, True, False]
    assert hrefs(around.scenarios) == ["en/baseline/north/03_beds", "en/other/north/03_beds"]
    assert not any(link.nearest for link in (*around.areas, *around.scenarios, *around.topics))


@pytest.mark.parametrize(
    ("pages", "href"),
    [
        (["en/other/north/07_test", "en/other/city/03_beds"], "en/other/north/07_test"),
        (["en/other/city/03_beds", "en/other/city/01_facts"], "en/other/city/03_beds"),
        (["en/other/city/01_facts"], "en/other/city/01_facts"),
        (["en/other/south/03_beds"], None),
    ],
)
def test_a_page_that_does_not_exist_is_replaced_by_the_nearest(pages, href):
    (_, other) = shell(
        HERE, LABELS, each(HERE, *(PageAddress(*page.split("/")) for page in pages)), "0001-x", {}
    ).scenarios
    assert hrefs([other]) == [href] and other.nearest == (href is not None)


def test_a_page_that_other_scenarios_do_not_change_says_so_and_is_where_they_lead():
    other = PageAddress("en", "other", "north", "03_beds")
    around = shell(HERE, LABELS, EACH | {other: HERE}, "0001-x", {})
    facts = PageAddress("en", "other", "north", "01_facts")
    # Who comes from the other scenario finds the way back to what that changes.
    assert hrefs(around.scenarios) == [HERE.stem]
    assert [link.label for link in around.alike] == ["Other"] and hrefs(around.alike) == [facts.stem]
    (_, to_beds, _) = shell(facts, LABELS, EACH | {other: HERE}, "0001-x", {}).topics
    assert hrefs([to_beds]) == [HERE.stem] and not to_beds.nearest


def test_a_topic_that_was_not_made_is_no_link_and_a_language_leads_to_its_front_page():
    around = shell(HERE, LABELS, {HERE: HERE}, "0001-x", {})
    assert hrefs(around.topics) == [None, HERE.stem, None]
    assert hrefs(around.languages) == [HERE.stem, "index-zh"]


@pytest.mark.parametrize(
    ("area", "notebook", "pager"),
    [
        ("city", "01_facts", ["next 03_beds", "next_area north"]),
        ("north", "03_beds", ["previous 01_facts", "next 07_test", "previous_area city", "next_area south"]),
        ("south", "07_test", ["previous 03_beds", "previous_area north"]),
    ],
)
def test_neighbours_are_those_before_and_after(area, notebook, pager):
    around = shell(PageAddress("en", "baseline", area, notebook), LABELS, EACH, "0001-x", {})
    said = [
        f"{way} {link.href.split('/')[-2 if 'area' in way else -1]}".removesuffix(".html") for way, link in around.pager
    ]
    assert said == pager


@pytest.mark.parametrize(
    ("notebook", "checks"),
    [
        ("03_beds", ["en/baseline/north/07_test", "#provenance", "en/baseline/north/01_facts"]),
        ("07_test", ["#provenance", "en/baseline/north/01_facts"]),
        ("01_facts", ["en/baseline/north/07_test", "#provenance"]),
    ],
)
def test_a_page_leads_to_how_sure_and_what_was_published_unless_it_is_that_page(notebook, checks):
    assert hrefs(shell(PageAddress("en", "baseline", "north", notebook), LABELS, EACH, "0001-x", {}).checks) == checks


def test_changed_values_have_tables_of_their_own():
    around = shell(HERE, LABELS, {HERE: HERE}, "0001-x", {"beds.norm": 55})
    assert around.changed == ("beds.norm = 55",)
    assert [link.href.removeprefix("../../../data/") for link in around.data] == [
        "baseline-set/beds.csv",
        "baseline-set/crossing.csv",
        "baseline-set.xlsx",
        "baseline-set/datapackage.json",
    ]
