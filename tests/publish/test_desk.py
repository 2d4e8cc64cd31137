"""The planner's desk: only for who has its token, with the numbers of the model, and nothing lost that it saves."""

from __future__ import annotations

import http.client
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest

from eldercare.inputs import load_project
from eldercare.inputs.scenarios import text_of
from eldercare.model import Results
from eldercare.publish.desk import ACTIONS, MOST_BYTES, Desk, application
from eldercare.publish.serve import Server
from eldercare.publish.staging import locked
from tests.shipped import ROOT
from tests.site.faults import small_project, wait_for

TOKEN = "a-token-of-the-test"
GROUND = {"why": {"en": "A trial.", "zh": "试算。"}, "source": "none", "locator": "meeting", "evidence": "assumption"}


@contextmanager
def served(root: Path) -> Iterator[tuple[str, int]]:
    """Serve the desk of a project in this process."""
    # As the server does in the command: what a shell lets its background ignore would be ignored by a run as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    desk = Desk(root)
    with Server(application(desk, TOKEN), 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield running.server_address
        finally:
            running.shutdown()
            thread.join()
            if desk.job:
                desk.job.cancel()


def send(address, method: str, path: str, body: object = None, token: str = TOKEN, **headers: str):
    """Return status, headers and content of an answer."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    cookie = {"Cookie": f"desk-{address[1]}={token}"} if token else {}
    connection.request(method, path, content, cookie | headers)
    reply = connection.getresponse()
    answer = reply.status, dict(reply.getheaders()), reply.read()
    connection.close()
    return answer


def ask(address, action: str, language: str = "en", **asked: object) -> tuple[int, dict]:
    status, _headers, content = send(address, "POST", f"/api/{language}/{action}", asked)
    return status, json.loads(content)


def told(address, action: str, language: str = "en", **asked: object) -> str:
    """Return what a refused request is told."""
    status, answer = ask(address, action, language, **asked)
    assert status == 422, answer
    return "\n".join(problem["told"] for problem in answer["problems"])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_project(ROOT, tmp_path_factory.mktemp("desk") / "项目")


@pytest.fixture(scope="module")
def address(root: Path):
    with served(root) as found:
        yield found


@pytest.fixture
def draft(address) -> dict:
    """Return a draft that changes the norm and the uptake of one county."""
    content = deepcopy(ask(address, "about")[1]["scenarios"]["baseline"]["content"])
    own = {"beds.norm": {"set": 55, "interval": "none"}, "meals.uptake": {"set": 0.3, "interval": "none"}}
    return content | {
        "scenario": "tried",
        "county_changes": {"deqing": {k: deepcopy(one | GROUND) for k, one in own.items()}},
    }


def test_who_has_not_the_token_gets_nothing(address):
    for path in ("/", "/zh/", "/en/", "/assets/desk.js", "/site/index.html"):
        assert send(address, "GET", path, token="")[0] == send(address, "GET", path, token="wrong")[0] == 403
    for action in ACTIONS:
        assert send(address, "POST", f"/api/zh/{action}", {}, token="")[0] == 403
    assert send(address, "GET", "/?token=wrong", token="")[0] == 403


def test_the_token_goes_from_the_address_into_a_cookie_that_no_script_and_no_other_site_has(address):
    status, headers, _content = send(address, "GET", f"/?token={TOKEN}", token="")
    assert (status, headers["location"]) == (303, "/zh/")
    cookie = headers["set-cookie"].lower()
    assert f"desk-{address[1]}={TOKEN}" in cookie and "httponly" in cookie and "samesite=strict" in cookie
    assert (
        headers["Referrer-Policy"] == "no-referrer" and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize(
    "headers", [{"Host": "elsewhere.example"}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}]
)
def test_a_foreign_host_and_a_foreign_page_are_refused(address, headers):
    assert send(address, "POST", "/api/zh/about", {}, **headers)[0] == 403
    own = {"Origin": f"http://127.0.0.1:{address[1]}", "Host": f"127.0.0.1:{address[1]}"}
    assert send(address, "POST", "/api/zh/about", {}, **own)[0] == 200


def test_no_path_leads_out_of_what_is_served(address):
    for path in (
        "/site/../config/city.yaml",
        "/assets/..%2fdesk.py",
        "/assets/../../cli.py",
        "/api/zh/../../x",
        "/api/fr/about",
    ):
        assert send(address, "POST" if path.startswith("/api") else "GET", path, {})[0] in (403, 404, 405)


def test_the_page_is_told_every_parameter_with_its_ground_in_both_languages(address, root):
    project = load_project(root)
    for language in ("en", "zh"):
        status, about = ask(address, "about", language)
        assert status == 200 and about["parameters"].keys() == project.parameters.keys()
        assert {"label", "meaning", "unit", "bounds", "interval", "evidence", "source"} <= about["parameters"][
            "beds.norm"
        ].keys()
        groups = {key.partition(".")[0] for key in about["parameters"]}
        assert {f"desk.group_{group}" for group in groups} <= about["words"].keys()


def test_what_follows_is_what_the_engine_says(address, draft, root):
    status, answer = ask(address, "answer", areas=["deqing"], drafts=[draft])
    assert status == 200
    run = Results("deqing", "baseline", {"beds.norm": 55, "meals.uptake": 0.3}, load_project(root))
    row = run.beds.query("bed_type == 'all' and year == 2028").iloc[0]
    rows = {name: cells[0] for name, cells in answer["rows"].items()}
    found = [rows["gap_ratio_2028"][name] for name in ("value", "low", "high")]
    assert found == pytest.approx([row["gap_ratio_mean"], row["gap_ratio_p10"], row["gap_ratio_p90"]])
    assert rows["ratio_near"]["value"] == pytest.approx(row["beds_per_1000"])
    assert rows["gap_meals_2030"]["value"] == pytest.approx(run.meals.query("year == 2030")["gap_mean"].item())
    crossing = run.crossing.query("norm == 55").iloc[0]
    assert rows["crossing_year"]["value"] == crossing["crossing_year_p50"]
    plan = run.plan.query("item == 'care_workers' and year == 2030").iloc[0]
    assert rows["workers"]["value"] == pytest.approx(plan["wanted_mean"])
    cost = run.cost.query("case == 'plan' and use == 'running' and year == 2030")
    assert rows["running"]["value"] == pytest.approx(cost["yuan_mean"].sum())
    assert answer["values"]["beds.norm"]["value"] == 55
    assert [step["layer"] for step in answer["values"]["beds.norm"]["trail"]] == ["default", "scenario"]


def test_drafts_are_compared_draw_by_draw_with_the_first(address, draft):
    baseline = draft | {"scenario": "other", "county_changes": {}}
    rows = ask(address, "answer", areas=["deqing"], drafts=[baseline, draft])[1]["rows"]
    first, second = rows["gap_ratio_2030"]
    assert first["change"] == 0 and second["change"] == pytest.approx(second["value"] - first["value"])
    assert second["change"] > 100


REFUSED = [
    ("beds.norm", {"set": 500}, "a number from 1 to 200 is allowed", "可取 1 至 200 的数"),
    ("beds.norm", {"set": "fifty"}, "a number from 1 to 200 is allowed", "可取 1 至 200 的数"),
    ("beds.normm", {"set": 50}, "did you mean beds.norm?", "beds.norm"),
    ("beds.norm", {"set": 50, "source": "NOWHERE"}, "is not registered in data/raw/sources.csv", "sources.csv"),
    ("beds.norm", {"set": 50, "why": {"en": "", "zh": ""}}, "must not be empty", "不能为空"),
    ("beds.norm", {"set": 50, "why": {"en": "a\tb\x1b", "zh": "x"}}, "a character that is not allowed", "字符"),
]


@pytest.mark.parametrize(("key", "change", "english", "chinese"), REFUSED)
def test_a_wrong_value_is_refused_in_words_and_not_saved(address, draft, root, key, change, english, chinese):
    draft["county_changes"] = {"deqing": {key: {"interval": "none"} | deepcopy(GROUND) | change}}
    for action, areas in (("answer", ["deqing"]), ("save", [])):
        assert english in told(address, action, areas=areas, drafts=[draft])
        assert chinese in told(address, action, "zh", areas=areas, drafts=[draft])
    assert not (root / "config/scenarios/tried.yaml").exists()


def test_names_that_are_not_there_are_told_and_lead_nowhere(address, draft, root):
    assert "unknown area" in told(address, "answer", areas=["../deqing"], drafts=[draft])
    assert "unknown scenario" in told(address, "publish", areas=["deqing"], scenarios=["--force"])
    assert "is missing" in told(address, "publish", areas=[], scenarios=["baseline"])
    for name in ("../x", "X", "a b", "", "a/b", "x" * 81):
        assert told(address, "save", drafts=[draft | {"scenario": name}])
    assert "unknown key" in told(address, "save", drafts=[draft], path="/etc/passwd")
    assert not (root.parent / "x.yaml").exists() and len(list((root / "config/scenarios").iterdir())) == 1


def test_what_is_no_request_is_refused(address):
    for body in (b"{", b"[]", b'"x"', b"{" + b" " * MOST_BYTES + b"}", b'{"areas": "deqing"}', b'{"drafts": [1]}'):
        assert send(address, "POST", "/api/en/answer", body)[0] == 422
    assert send(address, "GET", "/api/en/answer")[0] == 405


def test_a_saved_scenario_is_its_file_and_only_the_desks_own_is_written_again(address, draft, root):
    folder = root / "config" / "scenarios"
    try:
        assert ask(address, "save", drafts=[draft])[1] == {"name": "tried"}
        assert (folder / "tried.yaml").read_text(encoding="utf-8") == text_of(draft)
        assert load_project(root).scenarios["tried"].county_changes["deqing"]["beds.norm"].operand == 55
        there = ask(address, "about")[1]["scenarios"]["tried"]
        assert (there["content"], there["all"]) == (draft, True)
        assert "exists already" in told(address, "save", drafts=[draft])
        draft["county_changes"]["deqing"]["beds.norm"]["set"] = 60
        with served(root) as second:  # a second desk, which has read the same file
            assert ask(second, "save", drafts=[draft], before=there["digest"])[0] == 200
        assert "was changed meanwhile" in told(address, "save", drafts=[draft], before=there["digest"])
        # A comment by hand would be lost.
        file = folder / "tried.yaml"
        file.write_text(f"# by hand\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        there = ask(address, "about")[1]["scenarios"]["tried"]
        assert there["all"] is False
        assert "comments" in told(address, "save", drafts=[draft], before=there["digest"])
        assert file.read_text(encoding="utf-8").startswith("# by hand")
        assert sorted(one.name for one in folder.iterdir()) == ["baseline.yaml", "tried.yaml"]
    finally:
        (folder / "tried.yaml").unlink(missing_ok=True)


def test_every_shipped_scenario_can_be_opened_and_saved_under_another_name_with_nothing_lost():
    from eldercare.inputs.draft import drafted, opened

    project = load_project(ROOT)
    for name, scenario in project.scenarios.items():
        content = opened(project, name)["content"]
        again = drafted(project, content | {"scenario": f"{name}_2"}).scenarios[f"{name}_2"]
        assert repr(dict(again) | {"name": name}) == repr(dict(scenario))


def test_a_fault_in_a_file_is_told_until_it_is_mended(address, draft, root):
    file = root / "config" / "counties" / "deqing.yaml"
    sound = file.read_text(encoding="utf-8")
    file.write_text(f"{sound}wrong: 1\n", encoding="utf-8")
    try:
        assert "unknown key" in told(address, "about")
    finally:
        file.write_text(sound, encoding="utf-8")
    assert ask(address, "about")[0] == 200


def test_a_run_beside_the_desk_is_told_and_nothing_breaks(address, root):
    with locked(root / "outputs"):
        assert ask(address, "publish", areas=["deqing"], scenarios=["baseline"])[0] == 200
        wait_for(lambda: ask(address, "progress")[1]["status"] is not None)
    run = ask(address, "progress")[1]
    assert run["status"] == 2 and run["pages"] == []
    assert [line for line in run["lines"] if "another run is writing here" in line] == run["lines"][-1:]
