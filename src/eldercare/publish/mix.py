"""The cheapest mix as a command: steps without regret, the plan, its costs and its chance, and its scenario file."""

from copy import deepcopy
from typing import Any

import numpy as np

from eldercare.care.mix import Solution, cheapest
from eldercare.inputs import InputError, Problem, Project
from eldercare.inputs.explain import aligned
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.problems import _
from eldercare.inputs.scenarios import FOLDER, Opens, new_file, plan_of, text_of
from eldercare.inputs.strict_yaml import read_own
from eldercare.model import Run
from eldercare.model.mix import KINDS, AreaMix, area_mix
from eldercare.model.supply import BED_TYPES
from eldercare.report.text import LANGUAGES, Text

PLAN, MEALS = "supply.plan", "meals.plan"


def plan(
    project: Project, area: str, base: str, name: str, language: str, *, chance: int, apart: int, budget: int | None
) -> str:
    """Write the scenario of an area's cheapest mix on top of another one, and return what is told of it.

    ``chance`` and ``apart`` are percentages, ``budget`` yuan a year.
    """
    file, t, aims = new_file(project.root, name), Text(language), {"chance": chance / 100, "apart": apart / 100}
    run, problem, found = _solved(project, area, base, aims, budget)
    # A scenario that is such a plan itself says nothing about the steps without regret.
    opening = {n: [part.get(PLAN) for part in one.operations.values()] for n, one in project.scenarios.items()}
    others = [n for n, changes in opening.items() if not any(getattr(one, "opens", None) for one in changes)]
    units = [np.floor(_solved(project, area, n, aims, budget, whole=False)[2].units + 1e-6) for n in others]
    told = [t("mix.sure", n=len(others)), _steps(project, problem, np.minimum.reduce([found.units, *units]), found, t)]
    told += _told(problem, found, cheapest(problem.mix, budget, whole=False), chance, t)
    about: dict[str, Any] = {"scenario": name, "label": {}, "description": {}}
    for one in map(Text, LANGUAGES):
        words = {"base": one.pick(project.scenarios[base].label), "asked": one.percent(chance / 100, 0)}
        about["label"][one.language] = one("mix.label", **words)
        key = "mix.described" if budget is None else "mix.described_budget"
        about["description"][one.language] = one(key, **words, budget=one.money(budget or 0))
    asked = f"eldercare plan --chance {chance} --apart {apart}" + ("" if budget is None else f" --budget {budget}")
    write_bytes(project.root / file, file, _scenario(project, run, problem, found.units, about, asked).encode())
    return "\n".join([*told, t("plan.prices"), f"{file} is written; then: eldercare run --scenario {name}"])


def _solved(
    project: Project, area: str, scenario: str, aims: dict[str, Any], budget: int | None, *, whole: bool = True
) -> tuple[Run, AreaMix, Solution]:
    """Return the plan on top of a scenario, whose own building towards a goal it takes the place of."""
    run = Run(area, scenario, project=project)
    if run.settings.choice(PLAN) != "steady":
        run = Run(area, scenario, {PLAN: "planned"}, project)
    problem = area_mix(run, **aims)
    try:
        return run, problem, cheapest(problem.mix, budget, whole=whole)
    except ValueError as error:
        message = _("no plan does this; give more budget, or let the counties lie further apart")
        raise InputError(Problem("plan", scenario, budget, message)) from error


def _steps(project: Project, problem: AreaMix, sure: np.ndarray, found: Solution, t: Text) -> str:
    """Return the table of what every scenario's plan opens in each year, and of all that this one opens."""
    rows = [(t("mix.c_area"), t("mix.c_kind"), *map(str, problem.years), t("mix.c_sure"), t("mix.c_plan"))]
    for c, k in np.argwhere(found.units[..., -1] > 0):
        numbers = map(t.number, (*np.diff(sure[c, k], prepend=0), sure[c, k, -1], found.units[c, k, -1]))
        rows.append((t.pick(project.counties[problem.counties[c]].label), t(f"mix.kind_{KINDS[k]}"), *numbers))
    return aligned(rows)


def _told(problem: AreaMix, found: Solution, relaxed: Solution, chance: int, t: Text) -> list[str]:
    """Return how sure a plan is, what it costs, who pays, and what one more of something is worth."""
    mix, costs = problem.mix, problem.costs(found.units)
    yuan = {key: one.sum(axis=(0, 1)) for key, one in costs.items()}
    payers = {payer: sum(one @ mix.worth for key, one in yuan.items() if key[2] == payer) for _, _, payer in yuan}
    running = np.einsum("ck,ckt,t->", mix.running, found.units, mix.worth)
    money = {"total": found.cost, "opening": found.cost - running, "running": running, "peak": sum(yuan.values()).max()}
    held = problem.chances(found.units)[:, problem.years >= problem.full_year].min()
    values = np.einsum("crk,crt->k", np.maximum(mix.provides, 0), np.asarray(relaxed.place_prices)) / len(mix.most)
    said = {name: t.money(one, money.values()) for name, one in money.items()}
    said |= {"chance": t.percent(held, 0), "asked": t.percent(chance / 100, 0), "service": t.percent(found.service)}
    said |= {kind: t.number(value) for kind, value in zip(KINDS, values, strict=True)}
    paid = {t(f"plan.payer_{payer}"): t.money(one, payers.values()) for payer, one in payers.items() if one}
    said |= {"full": str(problem.full_year), "last": str(problem.years[-1])}
    said["parts"] = t.join([t("mix.part", payer=payer, yuan=one) for payer, one in paid.items()])
    said["points"] = "" if relaxed.yuan_prices is None else t.number(1e8 * relaxed.yuan_prices.sum(), 3)
    lines = ("meets", "costs", "payers", "values", "no_budget" if relaxed.yuan_prices is None else "yuan")
    return [t(f"mix.{line}", **said) for line in lines]


def _scenario(project: Project, run: Run, problem: AreaMix, units: np.ndarray, about: dict[str, Any], said: str) -> str:
    """Return the text of the run's scenario with this building plan in place of its own, under another name."""
    given = read_own((project.root / FOLDER / f"{run.scenario}.yaml").read_text(encoding="utf-8"))
    own = given.get("county_changes", {})
    for key in (PLAN, MEALS):
        if common := given["changes"].pop(key, None):
            for name in project.counties:
                own.setdefault(name, {}).setdefault(key, deepcopy(common))
    why = {one.language: one("mix.why") for one in map(Text, LANGUAGES)}
    later = run.years[run.years >= problem.years[0]]
    for name, by_kind in zip(problem.counties, units, strict=True):
        county, plans = run.counties[name], own.setdefault(name, {})
        for key, value in ((PLAN, "planned"), (MEALS, county.settings.choice(MEALS))):
            ground = {"why": {**why}, "source": "none", "locator": said, "evidence": "assumption"}
            plans[key] = {"set": value, "opens": {}, **ground}
        for kind, path in zip(Opens.model_fields, by_kind, strict=False):
            opened = np.pad(path, (0, len(later) - len(path)), mode="edge")
            if kind in BED_TYPES and county.settings.choice(PLAN) == "steady":
                opened += np.round(county.planned_beds[kind][-len(later) :] - county.beds_at_start[kind])
            steps = {str(y): int(n) for y, n in zip(later, np.diff(opened, prepend=0), strict=True) if n}
            plans[plan_of(kind)]["opens"][kind] = steps
    return text_of(about | {"changes": given["changes"], "county_changes": own})
