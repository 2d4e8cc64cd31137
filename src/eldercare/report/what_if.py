"""What-if on the page about scenarios: a small builder of scenarios that computes from the model's own draws.

The page carries the elders and the beds there are of every draw and year, so that a crossing year is counted over the
same paths as in the model; which share of the paths has ever been below a line that rises with building cannot be told
from quantiles of single years. This module only hands over numbers and words: the script of the page makes the
controls, computes, draws, and writes the scenario.
"""

import json
from base64 import b64encode
from typing import Any

import htpy as h
import numpy as np
from markupsafe import Markup

from eldercare.inputs.scenarios import BASELINE
from eldercare.model.draws import total
from eldercare.model.supply import BED_INDICATORS
from eldercare.report import style
from eldercare.report.html import Html, TwoFold
from eldercare.report.page import Page
from eldercare.report.text import catalogue, placeholders

# Draws that a page can carry: two bytes each and year.
MOST_DRAWS = 2000
WORDS = ("beds.line_norm", "beds.axis_ratio", "beds.source", "page.from_to", "page.space")
# Parameters that the controls change.
KEYS = {
    "norm": "beds.norm",
    "pace": "supply.beds_per_year",
    "first": "supply.first_year",
    "last": "supply.last_year",
    "institution": "supply.institution_beds",
    "home_care_centre": "supply.home_care_centre_beds",
    "occupancy": "beds.occupancy_institution",
    "uptake": "meals.uptake",
    "capital": "costs.institution_bed",
}


def pack(draws: np.ndarray, size: int = 2) -> dict[str, object]:
    """Return draws (years, draws) as steps of ``size`` bytes between the least and the greatest of a year, in base64.

    The error is at most half a step: with two bytes less than a person where a year's draws lie within 100,000 of each
    other; three bytes are for what the script divides or multiplies.

    Examples
    --------
    >>> pack(np.array([[1.0, 3.0], [5.0, 5.0]]))["low"]
    [1.0, 5.0]
    """
    low = draws.min(axis=1)
    step = (draws.max(axis=1) - low) / (256**size - 1)
    levels = np.rint((draws - low[:, None]) / np.where(step > 0, step, 1)[:, None])
    text = b64encode(levels.astype("<u4").reshape(-1, 1).view(np.uint8)[:, :size].tobytes()).decode("ascii")
    return {"low": low.tolist(), "step": step.tolist(), "draws": draws.shape[1], "size": size, "levels": text}


def _before(page: Page, name: str, draws: np.ndarray) -> dict[str, object]:
    """Return draws (years, draws) of what there is of an indicator before anything is built, packed.

    Where the same part is lost in every year between the last count and the first year of building, two rows (nothing
    and all of it lost) and the year of the count are enough, for any first year; else there is a row for each year.
    """
    run = page.run
    every = np.stack([run.since(name, county) for county in run.members()])
    lost = every[0]
    low, high = int(lost.argmin()), int(lost.argmax())
    slope = (draws[high] - draws[low]) / max(lost[high] - lost[low], 1e-12)
    ends = np.stack([draws[low] - lost[low] * slope, slope])
    if np.ptp(every, axis=0).any() or not np.allclose(draws, ends[0] + lost[:, None] * slope):
        return {"rows": pack(draws)}
    counted = max(max(run.stock(name).known(county), default=0) for county in run.members())
    return {"ends": pack(ends), "counted": counted if lost.any() else page.last}


def numbers(page: Page) -> dict[str, object]:
    """Return everything that the script computes and draws from, as plain values."""
    run, shown = page.run, [page.near, page.target, page.last]
    at, meals, norm = [run.position(year) for year in shown], run.meals_draws(), float(run["beds.norm"])
    stock = {kind: total(county.stock(name) for county in run.within()) for kind, name in BED_INDICATORS.items()}
    own = {kind: (run.bed_supply(kind=kind) - beds).mean(axis=1) for kind, beds in stock.items()}
    first, last = int(run["supply.first_year"]), int(run["supply.last_year"])
    missing = run.bed_demand(ladder="ratio").mean(axis=1) - total(stock.values()).mean(axis=1)
    steps = max(page.target - first + 1, 1)
    pace = max(round(float(sum(of[page.target - page.first] for of in own.values())) / steps), 0)
    top = max(100.0, float(np.ceil(norm / 20) * 20))
    most = max(np.ceil(1.5 * max(missing[page.target - page.first], pace * steps) / steps / 100) * 100, 100.0)
    weights = {c.name: sum(c.beds_at_start.values()) for c in run.within()}
    base: dict[str, Any] = {"plan": "own", "norm": norm, "pace": pace, "first": first}
    base |= {"last": min(last, page.last), "occupancy": float(run["beds.occupancy_institution"])}
    base |= {kind: round(float(beds[page.target - page.first].mean())) for kind, beds in stock.items()}
    base |= {"uptake": float(run["meals.uptake"]), "capital": float(run["costs.institution_bed"])}
    bounds = {"norm": [min(20.0, norm), top, 1], "pace": [0, most, 1], "first": [first, page.last, 1]}
    bounds |= {"last": [first, page.last, 1], "occupancy": [30, 100, 1], "uptake": [0, 100, 0.5]}
    bounds |= {"capital": [0, round(3 * base["capital"], -4), 1000]}
    known = {"area": page.area_name, "way": page.choice("need.institution_by"), **page.t.names}
    texts = {k: both[page.t.language] for k, both in catalogue().items() if k.startswith("what_if.") or k in WORDS}
    bounds |= {} if page.is_city else {kind: [0, 3 * base[kind] + 100, 1] for kind in stock}
    return {
        "years": run.years.tolist(),
        "shown": shown,
        "until": page.target,
        "report": page.city.report.year,
        "elders": pack(run.elders(basis=run["beds.ratio_basis"])),
        "stock": {kind: _before(page, BED_INDICATORS[kind], beds) for kind, beds in stock.items()},
        "served": _before(page, "meal_points", meals["served"]),
        "own": {kind: added.tolist() for kind, added in own.items()},
        "planned": pack(run.need_draws()["institution"][at], 3),
        "need": pack(run.bed_demand(kind="institution", ladder="need")[at], 3),
        "meals": {name: pack(meals[name][at], 3) for name in ("wanted", "wanted_at_full_uptake")},
        "share": float(run["beds.norm_institution_share"]),
        "centre": float(run["costs.centre_bed"]),
        "base": base,
        "bounds": bounds,
        "keys": KEYS,
        "area": run.area,
        "label": {language: run.project.label(run.area, language) for language in ("en", "zh")},
        "weights": {name: weight / (sum(weights.values()) or 1) for name, weight in weights.items()},
        "limit": top,
        "save": not run.overrides,
        "yuan": 1e6 if page.t.language == "en" else 1e4,
        "colours": dict(band=style.BLUE, line=style.BLUE, norm=style.INK, mark=style.ORANGE, grid=style.RULE),
        # Their other fields are left open, for the script to fill.
        "texts": {key: one.format(**{n: f"{{{n}}}" for n in placeholders(one)} | known) for key, one in texts.items()},
    }


def what_if(page: Page) -> TwoFold | Html:
    """Return the data of the builder; in an open notebook, that it works on the published page.

    Its file changes the baseline, and what another scenario changes would be lost in it: others say where it stands.
    """
    if page.run.scenario != BASELINE:
        return page.note("what_if.elsewhere", baseline=page.scenario_of(BASELINE))
    if int(page.run["run.draws"]) > MOST_DRAWS:
        return page.note("what_if.too_many", most=page.t.number(MOST_DRAWS))
    data = json.dumps(numbers(page), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    tool = h.div("#what-if-tool.what-if", hidden=True)[h.script(type="application/json")[Markup(data)]]
    return TwoFold(Html(tool) + Html(h.noscript[page.note("what_if.no_script")]), page.note("what_if.page_only"))
