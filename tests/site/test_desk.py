"""The planner's desk in Chromium: the whole way by mouse and by keyboard, accessible, and a run that is cancelled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eldercare.inputs import load_project
from eldercare.model import Results
from tests.publish.test_desk import TOKEN, served
from tests.site.faults import complete, digests, left_behind
from tests.site.test_browser import AXE, OPENED, faults_of

pytestmark = pytest.mark.browser
IDLE = "main:not([data-waiting])"


@pytest.fixture(scope="module")
def root(one_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose page was published once."""
    return shutil.copytree(one_page, tmp_path_factory.mktemp("desk") / "项目")


@pytest.fixture(scope="module")
def address(root: Path):
    with served(root) as (host, port):
        yield f"http://{host}:{port}/"


@pytest.fixture
def desk(browser, address: str):
    """Return a page of a browser of its own that was opened with the token, and what went wrong in it."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    tab = context.new_page()
    faults = faults_of(tab, (address, "data:"))
    tab.goto(f"{address}?token={TOKEN}")
    tab.wait_for_selector(IDLE)
    yield tab
    # What is refused in words, and what was under way when the page was left, is no fault.
    assert [one for one in faults if "422" not in one and not one.startswith(f"{address}api/")] == []
    context.close()


def result(tab, name: str) -> str:
    """Return the last column of a result."""
    return tab.locator(f"#h-results ~ .desk-table [data-result={name}]").last.text_content().replace(",", "")


def expected(root: Path, scenario: str = "baseline", **overrides: float) -> tuple[str, str]:
    """Return the gap by the norm and the gap of meals that the engine finds for Deqing."""
    run = Results(
        "deqing", scenario, {key.replace("__", "."): value for key, value in overrides.items()}, load_project(root)
    )
    gap = run.beds.query("bed_type == 'all' and year == 2030")["gap_ratio_mean"].item()
    meals = run.meals.query("year == 2030")["gap_mean"].item()
    return f"{gap:.0f}".replace("-", "−"), f"{meals:.0f}".replace("-", "−")


def fill(tab, key: str, value: str) -> None:
    tab.locator(f"[data-key='{key}'] input[type=number]").fill(value)


def test_a_planners_whole_way_by_mouse(desk, root: Path, address: str):
    assert "token" not in desk.url and desk.url == f"{address}zh/"
    desk.locator("nav.languages a", has_text="English").click()
    desk.wait_for_selector(IDLE)
    desk.locator("#area").select_option("deqing")
    desk.wait_for_selector(IDLE)
    assert (result(desk, "gap_ratio_2030"), result(desk, "gap_meals_2030")) == expected(root)
    fill(desk, "beds.norm", "55")
    desk.locator("summary", has_text="Meals").first.click()
    fill(desk, "meals.uptake", "30")
    desk.wait_for_selector(IDLE)
    engine = expected(root, beds__norm=55, meals__uptake=0.3)
    assert (result(desk, "gap_ratio_2030"), result(desk, "gap_meals_2030")) == engine
    # What is not known is asked for before anything is saved.
    desk.get_by_role("button", name="Save as a scenario").click()
    assert "Please fill in" in desk.locator(".desk-saved").text_content()
    assert not (root / "config/scenarios/baseline_2.yaml").exists()
    for block in desk.locator("[data-change]").all():
        block.get_by_label("Why").fill("The county's own plan.")
        block.get_by_label("Place in the source").fill("meeting of May")
    desk.locator("#scenario-name").fill("may_plan")
    desk.get_by_role("button", name="Save as a scenario").click()
    desk.locator(".desk-saved", has_text="may_plan").wait_for()
    saved = load_project(root).scenarios["may_plan"]
    assert saved.county_changes["deqing"]["meals.uptake"].operand == 0.3 and saved.changes == {}
    assert saved.county_changes["deqing"]["beds.norm"].why == dict.fromkeys(("en", "zh"), "The county's own plan.")
    assert expected(root, "may_plan") == engine
    # Beside the baseline.
    for name in ("baseline", "may_plan"):
        desk.locator(f"[name=compared][value={name}]").check()
    compared = desk.locator("[aria-labelledby=h-compare] [data-result=gap_ratio_2030]")
    compared.nth(1).wait_for()
    assert [text.replace(",", "") for text in compared.all_text_contents()] == [expected(root)[0], engine[0]]
    desk.get_by_role("button", name="Publish").click()
    desk.locator(".desk-run", has_text="Published.").wait_for(timeout=60_000)
    assert complete(root) == [] and left_behind(root) == []
    assert "may_plan" in desk.locator("[aria-labelledby=h-history] tbody tr").first.text_content() or (
        "Baseline 2" in desk.locator("[aria-labelledby=h-history] tbody tr").first.text_content()
    )
    desk.locator(".desk-links a").last.click()
    desk.wait_for_url("**/site/en/may_plan/deqing/03_beds.html")
    assert "55" in desk.locator("main").text_content()


def press(tab, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def reach(tab, selector: str) -> None:
    """Move the focus by Tab until it is on an element."""
    for _ in range(400):
        if tab.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached")


def test_a_planners_whole_way_by_keyboard_alone(desk, root: Path):
    reach(desk, "#area")
    press(desk, *["ArrowDown"] * load_project(root).areas.index("deqing"))
    desk.wait_for_selector(IDLE)
    assert desk.locator("#area").input_value() == "deqing"
    reach(desk, "#find")
    desk.keyboard.type("meals.uptake")
    reach(desk, "#p-meals-uptake")
    press(desk, "ControlOrMeta+a")
    desk.keyboard.type("20")
    desk.wait_for_selector(IDLE)
    assert result(desk, "gap_meals_2030") == expected(root, meals__uptake=0.2)[1]
    reach(desk, "[data-change] input[required]")
    desk.keyboard.type("试算")
    press(desk, "Tab", "Tab")
    desk.keyboard.type("会议")
    reach(desk, "#scenario-name")
    press(desk, "ControlOrMeta+a")
    desk.keyboard.type("by_keyboard")
    press(desk, "Enter")
    desk.locator(".desk-saved", has_text="by_keyboard").wait_for()
    reach(desk, ".desk-publish button")
    press(desk, "Enter")
    desk.locator(".desk-run", has_text="正在").wait_for()
    desk.locator(".desk-run", has_text="发布完成").wait_for(timeout=60_000)
    reach(desk, ".desk-links li:last-child a")
    press(desk, "Enter")
    desk.wait_for_url("**/site/zh/**/deqing/03_beds.html")


def test_a_value_that_cannot_be_is_told_where_it_stands_and_the_last_result_stays(desk, root: Path):
    before = result(desk, "gap_ratio_2030")
    fill(desk, "beds.norm", "500")
    desk.locator(".desk-problems li", has_text="可取 1 至 200 的数").wait_for()
    row = desk.locator("[data-key='beds.norm']")
    assert "可取 1 至 200 的数" in row.locator(".desk-fault").text_content()
    assert row.locator("[aria-invalid]").count() == 1 and result(desk, "gap_ratio_2030") == before
    # Reloaded, what was being changed is still there; discarded, it is gone.
    desk.reload()
    desk.locator(".desk-problems li").wait_for()
    desk.get_by_role("button", name="放弃改动").click()
    desk.wait_for_selector(IDLE)
    assert desk.locator("#p-beds-norm").input_value() == "50" and not desk.locator(".desk-problems").is_visible()
    assert result(desk, "gap_ratio_2030") == before


def test_a_slider_a_choice_and_the_scope_do_what_they_say(desk, root: Path):
    desk.locator("#area").select_option("deqing")
    desk.wait_for_selector(IDLE)
    desk.locator("[data-key='beds.norm'] input[type=range]").fill("60")
    desk.wait_for_selector(IDLE)
    own = expected(root, beds__norm=60)[0]
    assert (desk.locator("#p-beds-norm").input_value(), result(desk, "gap_ratio_2030")) == ("60", own)
    desk.get_by_label("全市各区县").check()
    fill(desk, "beds.norm", "60.5")
    desk.wait_for_selector(IDLE)
    assert [one.get_attribute("data-change") for one in desk.locator("[data-change]").all()] == [":beds.norm"]
    # For one county again: what held for all then stands for each.
    desk.get_by_label("仅").check()
    desk.locator("[data-key='beds.norm'] .desk-control select").select_option("multiply")
    fill(desk, "beds.norm", "1.2")
    desk.wait_for_selector(IDLE)
    counties = load_project(root).counties
    places = [one.get_attribute("data-change") for one in desk.locator("[data-change]").all()]
    assert sorted(places) == sorted(f"{county}:beds.norm" for county in counties)
    assert result(desk, "gap_ratio_2030") == own
    desk.locator("#p-beds-ratio_basis").select_option("resident")
    desk.wait_for_selector(IDLE)
    assert result(desk, "gap_ratio_2030") != own
    for key in ("beds.norm", "beds.ratio_basis"):
        desk.locator(f"[data-key='{key}'] .desk-control button").click()
    desk.wait_for_selector(IDLE)
    assert desk.locator("[data-change]").count() == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(desk, address: str, language: str):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; make site-check installs it")
    desk.goto(f"{address}{language}/")
    desk.wait_for_selector(IDLE)
    fill(desk, "beds.norm", "500")
    desk.locator(".desk-problems li").wait_for()
    desk.evaluate(OPENED)
    source = AXE.read_text(encoding="utf-8")
    for scheme, width in (("light", 1366), ("dark", 390)):
        desk.emulate_media(color_scheme=scheme)
        desk.set_viewport_size({"width": width, "height": 844})
        assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
        found = desk.evaluate(f"() => {{ {source}; return axe.run(document, {{ resultTypes: ['violations'] }}); }}")
        assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in found["violations"]] == [], width


def test_a_run_that_is_cancelled_leaves_the_last_site_whole(desk, root: Path):
    before = digests(root / "outputs" / "site")
    for area in load_project(root).areas:
        desk.locator(f"[name=areas][value={area}]").check()
    desk.get_by_role("button", name="发布").click()
    desk.get_by_role("button", name="取消").click()
    desk.locator(".desk-run", has_text="未发布").wait_for(timeout=30_000)
    assert digests(root / "outputs" / "site") == before and complete(root) == [] and left_behind(root) == []


def test_a_second_browser_without_the_token_is_refused(browser, address: str):
    context = browser.new_context()
    tab = context.new_page()
    for page in ("", "zh/", "site/index.html"):
        assert tab.goto(address + page).status == 403
    context.close()
