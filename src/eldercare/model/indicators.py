"""The indicators of a five-year plan: where an area stands, what its plan reaches, how surely, and at what cost."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from eldercare.care.beds import beds_per_1000, divided, part_closed
from eldercare.care.mix import cheapest
from eldercare.model.draws import spread, total
from eldercare.model.institutions import Institutions, county_institutions
from eldercare.model.mix import KINDS, area_mix
from eldercare.model.run import Run

# The indicators in the order of the table, with the services whose cost is theirs; the others are a part of the first.
NAMES = "beds_per_1000 nursing_share usable_beds workers_per_10000 meal_coverage family_care_beds wait_days".split()
OWN = ("institution", "home_care_centre"), (), (), ("training",), ("meals",), ("home_care",), ()
SERVICES: dict[str, tuple[str, ...]] = dict(zip(NAMES, OWN, strict=True))
# Items of the plan by what they add; and the chance with which a level is told as one that is reached surely.
ITEMS = {"institution": "institution_beds", "home_care_centre": "home_care_centre_beds", "meal_points": "meal_points"}
PER, SURELY = 10_000, 0.8
USABLE, FITTED = "beds.usable_share", "plan.family_beds_share"


def mean_wait(parts: Sequence[Institutions], case: str) -> np.ndarray:
    """Return the days that an applicant waits if ``need`` or ``demand`` asks, (years, draws): mean over residents."""
    weights = np.stack([getattr(part, f"queue_{case}").residents for part in parts])
    return (np.stack([part.days[case] for part in parts]) * weights).sum(axis=0) / weights.sum(axis=0).clip(1e-9)


def levels(run: Run, area: str, more: Mapping[str, np.ndarray], workers: np.ndarray) -> dict[str, np.ndarray]:
    """Return each indicator (years, draws) with so many ``workers`` (years, draws) and ``more`` units than there are.

    Units are those open at the end of each year by kind, (counties, years), ``nursing`` all nursing-type beds added.
    """
    counties, settings = run.within(area), run.settings_of(area)
    new = {kind: units.sum(axis=0)[:, None] for kind, units in more.items()}
    people = run.elders(area, settings.choice("beds.ratio_basis"))
    beds = [c.supply["institution"] + units[:, None] for c, units in zip(counties, more["institution"], strict=True)]
    each = [*zip(counties, beds, strict=True)]
    parts = [county_institutions(c.drawer, c.need, c.demand, own, np.zeros(len(own))) for c, own in each]
    of_all_kinds = total(beds) + run.bed_supply(area, "home_care_centre") + new["home_care_centre"]
    nursing = total(county.institutions.nursing for county in counties) + new["nursing"]
    built = total(c.meals.points - run.split("meal_points").values[c.name] for c in counties)[:, None]
    points = total(c.stock("meal_points") for c in counties) + built + new["meal_points"]
    places = sum(run.split("places").values[c.name] for c in counties)
    return {
        "beds_per_1000": beds_per_1000(of_all_kinds, people),
        "nursing_share": 100 * divided(np.minimum(nursing, total(beds)), total(beds)),
        "usable_beds": total(c.settings.number(USABLE) * own for c, own in each),
        "workers_per_10000": PER * divided(workers, people),
        "meal_coverage": np.minimum(100 * points / places, 100),
        "family_care_beds": np.broadcast_to(new["family"], people.shape),
        "wait_days": mean_wait(parts, "need" if settings.choice("plan.goal") == "need" else "demand"),
    }


def indicators(run: Run, area: str) -> Iterator[dict[str, object]]:
    """Yield the rows of the table of indicators, for the near and the target year.

    ``at_budget`` is what the cheapest mix reaches with ``plan.budget`` a year, or with as much as the plan adds a year.
    """
    counties, settings, years = run.within(area), run.settings_of(area), run.years
    plans, first = [county.plan for county in counties], settings.integer("supply.first_year")

    def asked(item: str, scale: Sequence[float] = (1.0,) * len(counties)) -> np.ndarray:
        return total(np.asarray(p.items[item].wanted) * part for p, part in zip(plans, scale, strict=True))

    def yuan(case: str, use: str, services: Sequence[str]) -> np.ndarray:
        parts = [cost for p in plans for key, cost in p.costs[case].items() if key[0] in services and key[1] == use]
        return sum((part.mean(axis=1) for part in parts), np.zeros(len(years)))

    opened = {name: np.stack([plan.items[name].opened for plan in plans]) for name in plans[0].items}
    planned = {kind: opened[item] for kind, item in ITEMS.items()} | {"family": opened["family_care_beds"]}
    planned["nursing"] = opened["institution_beds_nursing"] + opened["beds_converted_to_nursing"]
    wanted, there = asked("care_workers"), total(np.asarray(plan.items["care_workers"].present) for plan in plans)
    steps = part_closed(years, first, settings.integer("supply.catch_up_years"))[:, None]
    without = levels(run, area, {kind: 0 * units for kind, units in planned.items()}, there)
    reached = levels(run, area, planned, there + steps * np.maximum(wanted - there, 0))
    keys = ("beds.norm", "beds.nursing_target", "plan.workers_norm", "plan.meal_coverage_target", "queue.wait_days")
    beds, nursing, norm, covered, days = (settings.number(key) for key in keys)
    usable, family = asked("institution_beds", [c.settings.number(USABLE) for c in counties]), asked("family_care_beds")
    aims: Sequence[float | np.ndarray] = (beds, round(100 * nursing, 6), usable, norm, 100 * covered, family, days)
    targets = {name: np.broadcast_to(aim, wanted.shape) for name, aim in zip(NAMES, aims, strict=True)}
    capital, running = (
        {name: yuan("plan", use, of) - yuan("present", use, of) for name, of in SERVICES.items()}
        for use in ("capital", "running")
    )
    mix, base = area_mix(run, apart=1.0, area=area), run.position(int(np.clip(first - 1, years[0], years[-1])))
    for year in (run.near_year, run.target_year):
        t, building = run.position(year), (years >= first) & (years <= year)
        budget = settings.value("plan.budget")
        if budget is None:
            added = total([*capital.values(), *running.values()])
            budget = max(float(added[building].sum()) / max(building.sum(), 1), 0.0)
        units = np.zeros((len(KINDS), len(counties), len(years)))
        units[..., np.isin(years, mix.years)] = cheapest(mix.mix, budget, whole=False).units.swapaxes(0, 1)
        best = dict(zip(KINDS, units, strict=True))
        best["nursing"] = best["institution"] + best["nursing"]
        best["family"] = best["home_care"] * settings.number(FITTED)
        found = levels(run, area, best, there + best["care_workers"].sum(axis=0)[:, None])
        for name, services in SERVICES.items():
            target, sign = targets[name][t], -1 if name == "wait_days" else 1
            row = {"year": [year], "indicator": name, "base": without[name][base].mean(), "target": target.mean()}
            row["kind"] = "binding" if settings.choice("plan.binding_indicator") == name else "expected"
            for case, of in {"without": without, "plan": reached}.items():
                row |= {f"{case}_{q}": values for q, values in spread(of[name][t]).items() if q != "p50"}
                row[f"chance_{case}"] = np.mean(sign * (of[name][t] - target) >= -1e-9)
            row["reached_surely"] = np.quantile(reached[name][t], 1 - SURELY if sign > 0 else SURELY)
            row["at_budget"] = found[name][t].mean()
            row |= {"capital": capital[name][building].sum(), "running": running[name][t]}
            yield row if services else row | {"capital": np.nan, "running": np.nan}
