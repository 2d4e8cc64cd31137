"""Every mistake in the configuration gets one clear line and exit status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import InputError, load_project

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
        "multiply: 1.5\n    why: {en: People",
        "multiply: 40\n    why: {en: People",
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
