"""Scenarios: what differs, what changes by how much, which conclusions turn over, and what is worth knowing first."""

from collections.abc import Iterable, Sequence

import htpy as h
import numpy as np
import pandas as pd

from eldercare.model.comparison import MET, YEARS, Comparison, measures, money_and_care
from eldercare.model.demography import INDEX
from eldercare.model.sensitivity import LADDERS, keys_of
from eldercare.report import beds, style
from eldercare.report.chart import Table
from eldercare.report.html import Html, join
from eldercare.report.page import Page, Specs
from eldercare.report.plan import MILLION

STATES = tuple(f"state_{ladder}" for ladder in LADDERS)
# One colour per scenario in the order of config/scenarios, each dark enough for text on white.
OTHERS = ("#8a6400", style.GREY, "#4b52b8", "#a3195b", "#00696b")
PALETTE = (style.INK, style.ORANGE, style.GREEN, style.PURPLE, style.BLUE, *OTHERS)


def gap_said(page: Page, value: float, beside: Iterable[float] = ()) -> str:
    """Return a gap in words, in the notation of the numbers beside it."""
    key = "none_missing" if abs(value) < 0.5 else "short" if value > 0 else "spare"
    return page.say(key, n=abs(value), among=beside)


def answer(page: Page, compared: Comparison) -> Html:
    """Return what the scenario changes against the first one, and how far apart all scenarios are."""
    gaps = compared.measure(f"gap_ratio_{page.target}")
    told, ends = dict[str, str](), gaps["mean"].agg(["min", "max"])
    for end, name in (("low", gaps["mean"].idxmin()), ("high", gaps["mean"].idxmax())):
        told |= {end: page.scenario_of(name), f"{end}_gap": gap_said(page, gaps.loc[name, "mean"], ends)}
    spread = page.say("answer_spread", n=len(gaps), **told)
    if page.run.scenario == compared.first:
        own = page.say("answer_first", gap=gap_said(page, gaps.loc[compared.first, "mean"]))
    else:
        need = compared.measure(f"gap_need_{page.target}")
        rows = {ladder: frame.loc[page.run.scenario] for ladder, frame in (("ratio", gaps), ("need", need))}
        every = [n for row in rows.values() for n in row.filter(like="change") if abs(n) >= 0.5]
        changes = {ladder: _change(page, row, every) for ladder, row in rows.items()}
        first = page.scenario_of(compared.first)
        own = page.say("answer_own", scenario=page.scenario_name, first=first, **changes)
    return page.answer(own, spread)


def _change(page: Page, row: pd.Series, every: Sequence[float] = ()) -> str:
    value, low, high = row["change"], row["change_p10"], row["change_p90"]
    if abs(value) < 0.5:
        return page.say("as_many")
    key, size = "more" if value > 0 else "fewer", abs(value)
    if np.sign(low) != np.sign(high):
        return page.say(f"{key}_open", n=size, low=low, high=high, among=every)
    near, far = sorted((abs(low), abs(high)))
    return page.say(f"{key}_exact" if far - near < 0.5 else key, n=size, low=near, high=far, among=every)


def effects(compared: Comparison, changes: bool = False) -> pd.DataFrame:
    """Return elders, gaps and meals missing of every scenario, or their changes against the first one.

    Scenarios are rows, measures of the comparison are columns, each with _p10 and _p90.
    """
    city, stem = compared.runs[compared.first].project.city, "change_" if changes else ""
    rows = {name: compared.measure(name) for name in measures(city) if name not in YEARS}
    parts = {"": "change" if changes else "mean", "_p10": f"{stem}p10", "_p90": f"{stem}p90"}
    columns = {name + end: row[part] for name, row in rows.items() for end, part in parts.items()}
    frame = pd.DataFrame(columns).rename_axis("scenario")
    return frame.drop(index=compared.first) if changes else frame


def effects_table(page: Page, compared: Comparison, frame: pd.DataFrame, changes: bool = False) -> Table:
    """Return :func:`effects` of the target year as a table: what is done, and what follows from it."""
    plans, way = page.run.project.scenarios, page.choice("need.institution_by")
    differs = {name: "population" if plans[name].is_of_population else "action" for name in frame.index}
    frame = frame.assign(differs=pd.Series(differs | {compared.first: "first"}).reindex(frame.index))
    if not changes:
        met = compared.measure(MET)["p50"].reindex(frame.index)
        frame["met"] = [beds.met_text(page.about("beds"), year) for year in met]
    else:
        # A difference of shares is one of percentage points.
        frame[f"occupied_{page.target}"] *= 100
    heads = {ladder: page.say(f"c_gap_{ladder}", year=page.target, way=way) for ladder in LADDERS}
    columns: Specs = [
        "scenario",
        "differs :kind_of",
        f"built_{page.target} + =c_built",
        f"occupied_{page.target} + =c_points" if changes else f"occupied_{page.target} % =c_occupied",
        f"elders_{page.target} ~ =c_elders" if changes else "met text",
        *(page.column(f"gap_{ladder}_{page.target} ~", head) for ladder, head in heads.items()),
        f"gap_meals_{page.target} ~ =c_meals",
    ]
    return page.table("changes" if changes else "effects", frame, columns, first=page.scenario_of(compared.first))


def worth(page: Page, compared: Comparison) -> tuple[Table, Html]:
    """Return what each scenario costs and who has care from others than the family, and which gives that for least.

    ``each`` are yuan for another person-year of such care, or saved by one less: of scenarios in which something is
    done, and where the 80% interval holds only more people or only fewer.
    """
    capital, running, cared, cost, years = (compared.measure(name) for name in money_and_care(page.target))
    frame = pd.DataFrame({"capital": capital["mean"], "running": running["mean"]}) / MILLION
    for name, (of, unit) in {"cared": (cared, 1), "cost": (cost, MILLION)}.items():
        ends = {f"{name}_more{end}": of[f"change{end}"] / unit for end in ("", "_p10", "_p90")}
        frame = frame.assign(**{name: of["mean"] / unit}, **ends)
    known, each = page.run.project.scenarios, cost["change"] / years["change"]
    acts = np.array([not known[name].is_of_population for name in frame.index])
    frame["each"] = each.where((each > 0) & (cared["change_p10"] * cared["change_p90"] > 0) & acts)
    told = page.column("each", words=lambda yuan: "–" if np.isnan(yuan) else page.t.number(yuan))
    columns: Specs = ["scenario", "capital .1", "running .1", "cost_more .1 + ~", "cared", "cared_more + ~", told]
    table = page.table("worth", frame, columns, first=page.scenario_of(compared.first))
    more = frame["each"].where(years["change"] > 0).dropna()
    if more.empty:
        return table, page.finding(page.say("worth_none"))
    best = more.idxmin()
    each_of, n = float(more[best]), float(cared["change"][best])
    return table, page.finding(page.say("worth_least", scenario=page.scenario_of(best), each=each_of, n=n))


def flagged(page: Page, value: object, turned: bool) -> Html:
    """Return a conclusion, a state or a year, and whether it turns over."""
    if isinstance(value, str):
        shown = h.span(class_=f"state {value}")[page.t(f"site.state_{value}")]
    else:
        shown = h.span[page.year_text(float("nan") if value is None else float(value))]  # type: ignore[arg-type]
    return join([shown, *([h.span(".tag.changed")[page.say("turned")]] if turned else [])], " ")


def factor_label(page: Page, factor: str) -> str:
    """Return the name of a factor: its parameter's, or that of the uncertainty that several share."""
    if factor == INDEX or len(keys_of(factor)) > 1:
        return page.say(f"f_{factor.rpartition('.')[2]}")
    return page.parameter_of(factor)
