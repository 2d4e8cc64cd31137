"""The pages in a real browser: nothing fails, nothing is fetched from elsewhere, nothing sticks out on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"
PAGES = [
    "index.html",
    "index.zh.html",
    "zh/baseline/deqing/01_evidence.html",
    "en/baseline/huzhou/02_population.html",
    "zh/baseline/huzhou/03_beds.html",
    "en/hold_the_norm/anji/03_beds.html",
    "en/baseline/wuxing/04_meals.html",
]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_from_disk_without_a_fault(browser, site: Path, page: str, width: int):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.on("requestfailed", lambda request: faults.append(request.url))
    tab.on(
        "request",
        lambda request: faults.append(request.url) if not request.url.startswith(("file:", "data:")) else None,
    )
    tab.goto((site / page).as_uri())
    assert faults == []
    assert tab.locator("h1").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "the page scrolls sideways"
    tab.close()


def test_the_language_switch_keeps_area_and_topic(browser, site: Path):
    tab = browser.new_page()
    tab.goto((site / "en/baseline/deqing/03_beds.html").as_uri())
    tab.locator("nav.languages a").click()
    assert tab.url.endswith("zh/baseline/deqing/03_beds.html")
    assert tab.locator("html").get_attribute("lang") == "zh-CN"
    tab.close()
