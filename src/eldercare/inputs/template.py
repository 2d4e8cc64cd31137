"""The commented template of a new scenario."""

from __future__ import annotations

from pathlib import Path

from eldercare.inputs.errors import InputError, Problem
from eldercare.inputs.scenarios import NAME

TEMPLATE = """\
# A scenario changes parameters for a what-if. `eldercare parameters` lists the keys, `eldercare check` finds mistakes,
# `eldercare run --scenario {name}` publishes it, `eldercare compare baseline {name}` shows what differs.
scenario: {name}
label: {{en: "{title}", zh: "{title}"}}
description:
  en: "Describe in one sentence what changes."
  zh: "用一句话说明改变了什么。"
# Each change needs: one of multiply, add, set; why in both languages; source (an id from data/raw/sources.csv, or none
# for an assumption); locator (page, table, or how it was chosen); evidence (measured, official, derived, literature,
# policy or assumption). Prefer multiply or add: they keep what a county states about itself.
changes:
  meals.uptake:
    multiply: 1.2
    why: {{en: "Example: one fifth more elders come.", zh: "示例：使用者增加五分之一。"}}
    source: none
    locator: "example; replace it"
    evidence: assumption
# A change for single counties only (remove the # signs; a key must not stand in changes as well):
# county_changes:
#   deqing:
#     beds.norm:
#       set: 55
#       why: {{en: "The county aims higher.", zh: "本县标准更高。"}}
#       source: none
#       locator: "example; replace it"
#       evidence: assumption
"""


def write_scenario_template(root: Path, name: str) -> Path:
    """Write config/scenarios/NAME.yaml and return its path.

    Raises
    ------
    InputError
        If the name is not made of small letters, digits and underscores, or the file exists.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            Problem("new-scenario", value=name, message="a name has small letters, digits and underscores only")
        )
    path = root / "config" / "scenarios" / f"{name}.yaml"
    if path.exists():
        raise InputError(Problem(path.relative_to(root).as_posix(), message="exists already; choose another name"))
    path.write_text(TEMPLATE.format(name=name, title=name.replace("_", " ")), encoding="utf-8")
    return path
