"""The pages in a real browser: no fault, no foreign request, accessible, printable, sliders that agree."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from eldercare.publish.serve import server
from tests.shipped import ROOT

TOPICS = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
# Every kind of page, each in one language for a county and in the other for the city.
PAGES = [
    "index.html",
    "index-zh.html",
    "quality.html",
    "quality-zh.html",
    *(f"zh/baseline/deqing/{topic}.html" for topic in TOPICS),
    *(f"en/baseline/huzhou/{topic}.html" for topic in TOPICS),
    "en/hold_the_norm/anji/03_beds.html",
]
NUMBER = r"\d+(?:\.\d+)?"
# A phone, and what is left of 1280 at 400% zoom, beside a wide window.
WIDTHS = (1280, 390, 320)
# Below the width of a phone only these may differ: the layout is the same.
SOME = {320: {"runOnly": ["target-size", "scrollable-region-focusable"]}}
# Opens all folds; what scrolls in them is known once they are laid out and their observers have been told.
OPENED = """async () => {
    document.querySelectorAll('details').forEach((one) => { one.open = true; });
    for (const _ of "123") await new Promise(requestAnimationFrame);
}"""
AXE = Path(os.environ.get("ELDERCARE_AXE", ROOT / "build/axe/node_modules/axe-core/axe.min.js"))
# A4 less its margins at 96 dots per inch.
PRINTED = {"width": 688, "height": 1001}
pytestmark = pytest.mark.browser


def faults_of(tab, allowed: tuple[str, ...] = ("file:", "data:")) -> list[str]:
    """Return a list that fills with console errors, failed requests and requests to other places."""
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("requestfailed", lambda request: faults.append(request.url))
    tab.on("request", lambda request: faults.append(request.url) if not request.url.startswith(allowed) else None)
    return faults


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_from_disk_without_a_fault(tab, site: Path, page: str):
    faults = faults_of(tab)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto((site / page).as_uri())
        assert faults == []
        assert tab.locator("h1").is_visible()
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), f"sideways at {width}"


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(tab, site: Path, page: str):
    if not AXE.is_file():
        assert "ELDERCARE_AXE" not in os.environ, f"{AXE} is missing"
        pytest.skip("axe-core is not installed; make site-check installs it")
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto((site / page).as_uri())
        tab.evaluate(OPENED)
        tab.add_script_tag(path=AXE)
        asked = {"resultTypes": ["violations"], **SOME.get(width, {})}
        found = tab.evaluate("(asked) => axe.run(document, asked)", asked)
        assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in found["violations"]] == [], width


@pytest.mark.parametrize("page", PAGES)
def test_no_chart_and_no_table_is_clipped_in_print(tab, site: Path, page: str):
    tab.emulate_media(media="print")
    tab.set_viewport_size(PRINTED)
    tab.goto((site / page).as_uri())
    boxes = tab.evaluate(
        """[...document.querySelectorAll('main svg, main table, .map')].map((one) => {
            const box = one.getBoundingClientRect();
            return [one.tagName, box.left, box.right, box.height];
        }).filter((box) => box[3] > 0)"""
    )
    assert boxes or "01_" in page
    for name, left, right, height in boxes:
        assert left >= -1 and right <= PRINTED["width"] + 1, (name, left, right)
        assert name == "TABLE" or height <= PRINTED["height"], (name, height)
    assert tab.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")


def test_without_a_script_the_pictures_stand_and_the_sliders_are_not_shown(browser, site: Path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((site / "en/baseline/deqing/06_scenarios.html").as_uri())
    assert tab.locator("#chart-paths svg").is_visible()
    assert tab.locator("#what-if-tool").count() == 1 and not tab.locator("#what-if-tool").is_visible()
    tab.locator("details.twin summary").first.click()
    assert tab.locator("details.twin table").first.is_visible()
    context.close()


@pytest.mark.parametrize(
    ("start", "switch", "name", "end"),
    [
        ("en/baseline/deqing/03_beds", "nav.languages", "中文", "zh/baseline/deqing/03_beds"),
        ("zh/baseline/huzhou/04_meals", "nav.languages", "English", "en/baseline/huzhou/04_meals"),
        ("en/baseline/deqing/03_beds", "nav.scenarios", "Hold the norm", "en/hold_the_norm/deqing/03_beds"),
        ("en/hold_the_norm/deqing/03_beds", "nav.areas", "Anji", "en/hold_the_norm/anji/03_beds"),
        # What a scenario does not change stands under the baseline.
        ("en/hold_the_norm/deqing/03_beds", "nav.topics", "Meals", "en/baseline/deqing/04_meals"),
        ("en/baseline/deqing/03_beds", "nav.pager .next", "Changxing", "en/baseline/changxing/03_beds"),
        ("en/baseline/deqing/03_beds", "nav.pager .previous", "Nanxun", "en/baseline/nanxun/03_beds"),
        ("en/baseline/deqing/03_beds", "nav.checks", "How reliable is this?", "en/baseline/deqing/07_reliability"),
        ("en/baseline/deqing/03_beds", "nav.checks", "What was published?", "en/baseline/deqing/01_evidence"),
    ],
)
def test_a_switch_lands_on_the_right_page(tab, site: Path, start: str, switch: str, name: str, end: str):
    tab.goto((site / f"{start}.html").as_uri())
    if "scenarios" in switch:
        tab.locator("nav.scenarios summary").click()
    tab.locator(switch).get_by_role("link", name=name, exact=True).click()
    assert tab.url == (site / f"{end}.html").as_uri()
    assert tab.locator("html").get_attribute("lang") == ("zh-CN" if end.startswith(("zh/", "index-zh")) else "en")


def test_the_map_leads_to_the_county_that_lies_there(tab, site: Path):
    tab.goto((site / "index.html").as_uri())
    boxes = {name: tab.locator(f".map .{name}").bounding_box() for name in ("changxing", "nanxun", "anji", "deqing")}
    assert boxes["changxing"]["y"] < boxes["anji"]["y"] and boxes["changxing"]["x"] < boxes["nanxun"]["x"]
    assert boxes["anji"]["x"] < boxes["deqing"]["x"] and boxes["nanxun"]["y"] < boxes["deqing"]["y"]
    tab.locator(".map .anji").click()
    assert tab.url == (site / "en/baseline/anji/00_overview.html").as_uri()


def test_the_served_site_works_under_its_policy(tab, site: Path):
    faults = faults_of(tab, allowed=("http://127.0.0.1:", "data:"))
    with server(site, 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        for page in ("", "zh/baseline/deqing/06_scenarios.html"):
            tab.goto(f"http://127.0.0.1:{running.server_address[1]}/{page}")
        assert tab.locator("#what-if-tool form").is_visible()
        running.shutdown()
        thread.join()
    assert faults == []
