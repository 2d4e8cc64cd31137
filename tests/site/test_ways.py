"""What a script adds to the pages, in a real browser from disk: search and other ways to what is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SEARCH = "input[type=search]"


def look_for(tab, asked: str) -> list[str]:
    """Return the addresses that a search finds, in order."""
    tab.locator(SEARCH).fill(asked)
    tab.wait_for_function("window.eldercare.pages && document.querySelector('.found [role=status]').textContent")
    return tab.evaluate("[...document.querySelectorAll('.found a')].map((one) => one.href)")


@pytest.mark.parametrize(
    ("page", "asked", "found"),
    [
        ("index.html", "waiting deqing", "en/baseline/deqing/03_need.html#"),
        ("index.html", "meal point", "glossary.html#point"),
        ("en/hold_the_norm/deqing/03_beds.html", "per 1,000 deqing", "en/hold_the_norm/deqing/03_beds.html#ratio"),
        ("index-zh.html", "德清县轮候", "zh/baseline/deqing/03_need.html#"),
        ("zh/baseline/deqing/04_meals.html", "德清床位缺口", "zh/baseline/deqing/"),
        ("zh/baseline/huzhou/00_overview.html", "入住率", "glossary-zh.html#occupancy"),
    ],
)
def test_a_search_finds_sections_and_terms_in_the_language_of_the_page(tab, site: Path, page, asked, found):
    tab.goto((site / page).as_uri())
    hrefs = look_for(tab, asked)
    root, language = site.as_uri(), "zh" if "zh" in page else "en"
    assert any(href.startswith(f"{root}/{found}") for href in hrefs[:3]), hrefs
    assert all(href.startswith((f"{root}/{language}/", f"{root}/glossary")) for href in hrefs)
    tab.locator(".found a").first.click()
    tab.wait_for_url(hrefs[0])
    place = hrefs[0].partition("#")[2]
    assert not place or tab.locator(f"#{place}").is_visible()


def test_search_answers_at_once_and_loads_its_texts_when_first_used(tab, site: Path):
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((site / "zh/baseline/deqing/03_beds.html").as_uri())
    assert not [url for url in asked if "search-" in url]
    assert look_for(tab, "床位") and len([url for url in asked if "search-zh" in url]) == 1
    for words in ("床", "德清县按照护需求测算的机构床位缺口", "80%区间", "不在任何页面上的话"):
        took = tab.evaluate(
            """(words) => {
                const [box, start] = [document.querySelector("input[type=search]"), performance.now()];
                box.value = words;
                box.dispatchEvent(new Event("input"));
                return performance.now() - start;
            }""",
            words,
        )
        assert took < 50, words
    assert not look_for(tab, "不在任何页面上的话") and "未找到" in tab.locator(".found [role=status]").inner_text()
    assert all((site / "assets" / f"search-{language}.js").stat().st_size < 1_000_000 for language in ("en", "zh"))


def test_search_is_used_by_keyboard(tab, site: Path):
    tab.goto((site / "en/baseline/deqing/03_beds.html").as_uri())
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.type") == "search"
    tab.keyboard.type("beds/")
    assert tab.locator(SEARCH).input_value() == "beds/"
    hrefs = look_for(tab, "occupancy")
    for key, place in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        tab.keyboard.press(key)
        assert tab.evaluate("document.activeElement.href") == hrefs[place]
    tab.keyboard.press("Escape")
    assert not tab.locator(".found").is_visible() and tab.locator(SEARCH).input_value() == ""
    look_for(tab, "occupancy")
    tab.keyboard.press("Enter")
    tab.wait_for_url(hrefs[0])


def test_a_word_with_signs_of_html_stays_a_word(tab, site: Path):
    tab.goto((site / "index.html").as_uri())
    assert look_for(tab, "<img src=x onerror=alert(1)>") == []
    assert tab.locator(".found img").count() == 0


def test_without_a_script_there_is_no_search_box(browser, site: Path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for page in ("index.html", "zh/baseline/deqing/03_beds.html"):
        tab.goto((site / page).as_uri())
        assert tab.locator(SEARCH).count() == 0 and tab.locator("h1").is_visible()
    context.close()
