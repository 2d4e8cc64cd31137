"""Every mistake gets one clear line and exit status 2; layers go in order and leave their trail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import InputError, load_project, resolve

BEDS = "config/parameters/beds.yaml"
MEALS = "config/parameters/meals.yaml"
DEQING = "config/counties/deqing.yaml"
AGEING = "config/scenarios/ageing_in_place.yaml"
HOLD = "config/scenarios/hold_the_norm.yaml"
FACT = """facts:
  meals.uptake:
    set: 0.12
    interval: [0.08, 0.2]
    source: SEED
    locator: "a test"
    evidence: official
"""


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# file, what stands there, the mistake, and what the message must say.
MISTAKES = {
    "unknown key of a parameter": (
        BEDS,
        "{en: Norm for beds, zh:",
        "{fr: x, en: Norm for beds, zh:",
        ["fr", "unknown key", "en, zh"],
    ),
    "unknown metadata": (MEALS, "  unit: share\n", "  unitt: share\n  unit: share\n", ["unitt", "did you mean unit?"]),
    "metadata missing": (MEALS, "  evidence: literature\n", "", ["meals.need_share", "evidence", "missing"]),
    "value out of bounds": (BEDS, "  value: 50\n", "  value: 5000\n", ["beds.norm", "5000", "1 to 200"]),
    "value of the wrong type": (
        BEDS,
        "  value: 50\n",
        "  value: fifty\n",
        ["beds.norm", "fifty", "a number from 1 to 200"],
    ),
    "fraction for a whole number": (
        BEDS,
        "  value: 2027\n",
        "  value: 2027.5\n",
        ["supply.first_year", "2027.5", "whole number"],
    ),
    "unknown unit": (
        BEDS,
        "unit: beds_per_1000",
        "unit: beds_per_100",
        ["beds_per_100", "did you mean beds_per_1000?"],
    ),
    "unknown evidence": (BEDS, "evidence: policy", "evidence: policies", ["policies", "did you mean policy?"]),
    "unknown denominator": (
        BEDS,
        "denominator: elders_60plus",
        "denominator: elder_60plus",
        ["elder_60plus", "did you mean elders_60plus?"],
    ),
    "unknown source": (BEDS, "source: SEED", "source: SEEED", ["SEEED", "data/raw/sources.csv", "did you mean SEED?"]),
    "no source for a fact": (BEDS, "source: SEED", "source: none", ["beds.norm", "policy", "only an assumption"]),
    "choice that is none": (
        BEDS,
        "value: frozen",
        "value: freeze",
        ["supply.plan", "freeze", "frozen, planned, steady, hold_norm, hold_need", "did you mean frozen?"],
    ),
    "interval without the value": (
        MEALS,
        "interval: [0.18, 0.26]",
        "interval: [0.3, 0.4]",
        ["meals.need_share", "[0.3, 0.4]", "contain the value"],
    ),
    "interval outside the bounds": (
        MEALS,
        "interval: [0.18, 0.26]",
        "interval: [0.1, 1.6]",
        ["meals.need_share", "0 to 1"],
    ),
    "bounds the wrong way round": (BEDS, "bounds: [1, 200]", "bounds: [200, 1]", ["beds.norm", "lower bound"]),
    "the same parameter twice in a file": (
        BEDS,
        "beds.ratio_basis:",
        "beds.norm:\n  value: 1\nbeds.ratio_basis:",
        ["beds.norm", "line"],
    ),
    "yes for a number": (BEDS, "  value: 50\n", "  value: yes\n", ["beds.yaml:5", "yes"]),
    "leading zero": (BEDS, "  value: 50\n", "  value: 050\n", ["050", "leading zero"]),
    "underscore": (BEDS, "  value: 2027\n", "  value: 2_027\n", ["2_027", "underscore"]),
    "sexagesimal": (BEDS, "  value: 50\n", "  value: 1:30\n", ["1:30"]),
    "county code without quotes": (DEQING, 'code: "330521"', "code: 330521", ["code", "330521"]),
    "county code of five digits": (DEQING, 'code: "330521"', 'code: "33052"', ["code", "33052"]),
    "file name and county differ": (DEQING, "county: deqing", "county: deqin", ["deqin", "deqing"]),
    "fact for an unknown parameter": (
        DEQING,
        "facts: {}",
        FACT.replace("uptake", "uptak"),
        ["meals.uptak", "did you mean meals.uptake?"],
    ),
    "fact out of bounds": (DEQING, "facts: {}", FACT.replace("0.12", "1.2"), ["meals.uptake", "1.2", "0 to 1"]),
    "fact without interval": (
        DEQING,
        "facts: {}",
        FACT.replace("    interval: [0.08, 0.2]\n", ""),
        ["meals.uptake", "interval", "none"],
    ),
    "fact without locator": (DEQING, "facts: {}", FACT.replace('    locator: "a test"\n', ""), ["locator", "missing"]),
    "scenario with an unknown parameter": (
        AGEING,
        "meals.uptake:",
        "meals.uptakes:",
        ["meals.uptakes", "did you mean meals.uptake?"],
    ),
    "scenario with two operations": (
        AGEING,
        "multiply: 0.75",
        "multiply: 0.75\n    add: 1",
        ["exactly one of set, multiply, add"],
    ),
    "misspelt key of a scenario": (HOLD, "    why: {", "    whi: x\n    why: {", ["whi", "did you mean why?"]),
    "multiplying a choice": (HOLD, "set: hold_norm", "multiply: 2", ["supply.plan", "multiply"]),
    "result out of bounds": (
        AGEING,
        "multiply: 1.5\n    why: {en: Elders",
        "multiply: 40\n    why: {en: Elders",
        ["meals.uptake", "0 to 1"],
    ),
    "file name and scenario differ": (
        HOLD,
        "scenario: hold_the_norm",
        "scenario: hold_norm",
        ["hold_norm", "hold_the_norm"],
    ),
    "unknown county in a scenario": (
        HOLD,
        "changes:\n",
        "county_changes:\n  anjii: {}\nchanges:\n",
        ["anjii", "did you mean anji?"],
    ),
    "the same key for all and for one county": (
        AGEING,
        "changes:\n",
        "county_changes:\n  deqing:\n    meals.uptake:\n      multiply: 2\n      why: {en: a, zh: 甲}\n"
        "      source: none\n      locator: x\n      evidence: assumption\nchanges:\n",
        ["meals.uptake", "deqing", "twice"],
    ),
    "broken syntax": (HOLD, "changes:\n", "changes: [\n", ["hold_the_norm.yaml"]),
    "an anchor": (HOLD, "label: {", "label: &x {", ["hold_the_norm.yaml", "&"]),
    "an empty file": (HOLD, None, "", ["hold_the_norm.yaml", "empty"]),
    "not utf-8": (HOLD, None, b"scenario: \xd6\xd0", ["hold_the_norm.yaml", "UTF-8"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_clear_line_and_exit_status_2(project_copy, monkeypatch, capsys, mistake):
    file, old, new, expected = MISTAKES[mistake]
    if old is None:
        (project_copy / file).write_bytes(new if isinstance(new, bytes) else new.encode())
    else:
        change(project_copy, file, old, new)
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(["check"]) == 2
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert len(lines) == 1 and "Traceback" not in said.err and said.out == ""
    assert any(Path(file).name in line for line in lines), said.err
    for word in expected or []:
        assert word in said.err, (word, said.err)


def test_all_mistakes_of_all_files_are_told_at_once(project_copy):
    change(project_copy, BEDS, "  value: 50\n", "  value: 5000\n")
    change(project_copy, MEALS, "evidence: literature", "evidence: literatur")
    with pytest.raises(InputError) as caught:
        load_project(project_copy)
    assert {problem.where.split(":")[0] for problem in caught.value.problems} == {BEDS, MEALS}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--area", "deqin"], "did you mean deqing?"),
        (["run", "--scenario", "base_line"], "did you mean baseline?"),
        (["run", "--set", "beds.nrm=55"], "did you mean beds.norm?"),
        (["run", "--set", "beds.norm=5000"], "a number from 1 to 200"),
        (["run", "--set", "beds.norm"], "KEY=VALUE"),
        (["run", "--set", "beds.norm=1", "beds.norm=2"], "given twice"),
        (["run", "--set", "supply.plan=freeze"], "did you mean frozen?"),
        (["run", "--workers", "0"], "whole number from 1"),
        (["run", "--language", "fr"], "en, zh, both"),
        (["rum"], "did you mean run?"),
        (["explain", "beds.nrm"], "did you mean beds.norm?"),
        (["explain", "beds.norm", "--county", "../deqing"], "unknown area"),
        (["compare", "baseline"], "at least two"),
        (["compare", "baseline", "hold_norm"], "did you mean hold_the_norm?"),
        (["new-scenario", "../x"], "small letters"),
        (["new-scenario", "baseline"], "exists already"),
    ],
)
def test_a_wrong_request_gets_exit_status_2_and_the_nearest_word(project_copy, monkeypatch, capsys, words, expected):
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(words) == 2
    said = capsys.readouterr().err
    assert expected in said and "Traceback" not in said
    assert not (project_copy / "outputs" / "site").exists()


def test_the_shipped_configuration_is_sound(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    assert main(["check"]) == 0
    assert "no fault found" in capsys.readouterr().out


def test_layers_go_default_county_scenario_set_and_leave_their_trail(project_copy):
    change(project_copy, DEQING, "facts: {}", FACT)
    project = load_project(project_copy)
    plain = resolve(project, "deqing", "baseline")["meals.uptake"]
    assert (plain.value, plain.interval) == (0.12, (0.08, 0.2))
    scaled = resolve(project, "deqing", "ageing_in_place")["meals.uptake"]
    assert scaled.value == pytest.approx(0.18) and scaled.interval == pytest.approx((0.12, 0.3))
    fixed = resolve(project, "deqing", "ageing_in_place", {"meals.uptake": "0.3"})["meals.uptake"]
    assert (fixed.value, fixed.interval, fixed.overridden) == (0.3, None, True)
    assert [step.layer for step in fixed.trail] == ["default", "county", "scenario", "set"]
    assert [step.source_id for step in fixed.trail] == ["none", "SEED", "none", "none"]
    other = resolve(project, "anji", "ageing_in_place")["meals.uptake"]
    assert other.value == pytest.approx(0.1875)


def test_a_value_is_asked_for_by_its_kind_and_recorded(root):
    project = load_project(root)
    settings = resolve(project, "deqing", "baseline")
    assert settings.number("beds.norm") == 50 and settings.integer("run.draws") == settings.value("run.draws")
    assert settings.choice("supply.plan") == "frozen" and settings.optional("supply.meal_points") is None
    with pytest.raises(TypeError, match="supply.plan = 'frozen' is not a number"):
        settings.number("supply.plan")
    with pytest.raises(TypeError, match="is not a word"):
        settings.choice("beds.norm")
    before = set(project.reads.parameters)
    assert "need.definition" in settings and settings.all["need.definition"].value and list(settings)
    assert project.reads.parameters == before
    halved = settings.changed(lambda setting: replace(setting, value=1))
    assert halved.number("need.survey.prevalence") == 1
    assert project.reads.parameters - before == {("baseline", "deqing", "need.survey.prevalence")}


def test_explain_prints_every_layer_with_its_source(project_copy, monkeypatch, capsys):
    change(project_copy, DEQING, "facts: {}", FACT)
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(["explain", "meals.uptake", "--county", "deqing", "--scenario", "ageing_in_place"]) == 0
    said = capsys.readouterr().out
    for word in (
        "default: 0.1",
        "county: 0.12",
        "scenario: multiply 1.5 = 0.18",
        "[SEED]",
        "deqing.yaml:",
        "助餐服务使用率",
    ):
        assert word in said


def test_the_template_of_a_new_scenario_passes_the_check(project_copy, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    assert main(["new-scenario", "my_plan"]) == 0
    assert main(["check"]) == 0
    assert main(["scenarios"]) == 0
    assert "my_plan" in capsys.readouterr().out


def test_parameters_lists_every_key(root, monkeypatch, capsys):
    monkeypatch.setenv("ELDERCARE_ROOT", str(root))
    assert main(["parameters", "--county", "anji"]) == 0
    said = capsys.readouterr().out
    assert all(key in said for key in load_project(root).parameters)


def test_a_folder_without_a_project_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ELDERCARE_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "config/parameters" in capsys.readouterr().err
