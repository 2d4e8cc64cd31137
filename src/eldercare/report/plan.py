"""The plan: what to open and by when, what it costs and who pays, what to do first and how sure that is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eldercare.care.costs import Balance
from eldercare.model.draws import total
from eldercare.report import style
from eldercare.report.chart import Table
from eldercare.report.html import Html
from eldercare.report.page import Page

BEDS = ("institution_beds", "home_care_centre_beds")
MILLION = 1e6
# Columns of the balance; where people are cared for, and who pays, with their colours.
WHEN = ("now", "present", "plan")
CARE = dict(zip(Balance._fields, (style.BLUE, style.GREEN, style.PURPLE, style.GREY), strict=True))
PAYERS = {"county": style.BLUE, "province": style.GREEN, "insurance": style.ORANGE}
PAYERS |= {"operator": style.PURPLE, "family": style.GREY}


def opened(page: Page, item: str, year: int, area: str | None = None) -> int:
    """Return the whole units of an item that an area's plan has opened by the end of a year."""
    position = page.run.position(year)
    return int(sum(county.plan.items[item].opened[position] for county in page.run.within(area)))


def goal(page: Page) -> str:
    """Return what the plan is to reach, in words."""
    norm = page.t.number(page.run["beds.norm"])
    return page.say(f"goal_{page.run['plan.goal']}", norm=norm, basis=page.say(f"beds.basis_{page.run.bases[0]}"))


def spent(cost: pd.DataFrame, **where: object) -> float:
    """Return the mean yuan of the rows of a frame of costs with the values given."""
    return float(cost.loc[(cost[list(where)] == pd.Series(where)).all(axis=1), "yuan_mean"].sum())


def added(cost: pd.DataFrame, **where: object) -> float:
    """Return the mean yuan that the plan adds, of the rows with the values given."""
    return spent(cost, case="plan", **where) - spent(cost, case="present", **where)


def answer(page: Page, cost: pd.DataFrame) -> Html:
    """Say what opens by the target year, what that costs to build, and what it adds to the running costs."""
    beds = {item: opened(page, item, page.target) for item in BEDS}
    first = int(page.run["supply.first_year"])
    told = {"goal": goal(page), "from_year": first, **{item: float(n) for item, n in beds.items()}}
    opening = page.say("answer_build" if any(beds.values()) else "answer_none", **told)
    until = cost[(cost["year"] <= page.target) & (cost["use"] == "capital")]
    if not (capital := added(until)):
        return page.answer(opening, page.say("prices"))
    then = cost[(cost["year"] == page.target) & (cost["use"] == "running")]
    public = sum(added(until, payer=payer) for payer in ("county", "province"))
    money = {"capital": capital, "public": public, "more": added(then), "county": added(then, payer="county")}
    said = page.say("answer_cost", **{name: page.t.money(value, money.values()) for name, value in money.items()})
    return page.answer(opening, said, page.say("prices"))


def first(page: Page) -> Html:
    """Say what comes first, where, what can wait, how sure the plan is, and what to count first."""
    run, year = page.run, int(np.clip(page.run["supply.first_year"], page.first, page.last))
    now = {item: opened(page, item, year) for item in run.counties[run.members()[0]].plan.items}
    then = {item: opened(page, item, page.target) for item in now}
    said = []
    if beds := {item: n for item, n in then.items() if item in BEDS and n}:
        item = max(beds, key=lambda name: now[name])
        where = max(run.members(), key=lambda county: opened(page, item, page.target, county))
        told = {"item": page.say(f"i_{item}"), "n": float(now[item]), "where": page.area_of(where)}
        told["most"] = float(opened(page, item, page.target, where))
        said.append(page.say("first_where" if page.is_city else "first_here", year=year, **told))
    elif then["beds_converted_to_nursing"]:
        said.append(page.say("first_convert", n=float(then["beds_converted_to_nursing"]), target=page.target))
    if waiting := [page.say(f"i_{item}") for item in (*BEDS, "meal_points") if not then[item]]:
        said.append(page.say("can_wait", items=page.t.join(waiting)))
    parts = [county.plan.items[item] for county in run.within() for item in BEDS]
    t = run.position(page.target)
    short = total(np.asarray(part.wanted)[t] - np.asarray(part.present)[t] - part.opened[t] for part in parts)
    key, chance = ("sure", 0.0) if run["plan.chance"] is None else ("sure_chance", run["plan.chance"])
    said.append(page.say(key, share=page.t.percent(float(np.mean(short <= 0)), 0), chance=page.t.percent(chance, 0)))
    if any(county.settings.value("services.workers") is None for county in run.within()):
        said.append(page.say("count_workers"))
    return page.finding(*said)


def count_first(page: Page, widths: pd.DataFrame) -> Html:
    """Say what would make the answer surest if it were counted, by the norm and by care need (``widths`` of gaps)."""
    alone = widths[widths["part"] != "all"].set_index("part")
    parts = dict.fromkeys(alone[ladder].idxmax() for ladder in ("ratio", "need"))
    said = [page.say(f"overview.count_{n}_{part}") for n, part in zip(("first", "then"), parts, strict=False)]
    return page.finding(*said)


def openings(page: Page, years: Sequence[int]) -> Table:
    """Return what the plan opens in each year, and in all of them, in whole units."""
    wide = page.run.plan.query("year in @years").pivot(index="item", columns="year", values="to_open")
    wide = wide.reindex(page.run.plan["item"].unique()).rename(columns=str)
    columns = [page.column("item text", words=lambda item: page.say(f"i_{item}"))]
    columns += [*(page.column(name, name) for name in wide), page.column("all")]
    return page.table("open", wide.assign(all=wide.sum(axis=1)), columns)


def counties(page: Page) -> Table:
    """Return the beds that each county opens by the target year, the capital until then, and what its budget adds."""
    cost = page.run.everywhere("cost").query("year <= @page.target").groupby("area")
    rows = []
    for area in page.run.members():
        own = cost.get_group(area)
        beds = {item: opened(page, item, page.target, area) for item in BEDS}
        more = added(own, year=page.target, use="running", payer="county")
        rows.append({"area": area, **beds, "capital": added(own, use="capital") / MILLION, "more": more / MILLION})
    return page.table("counties", pd.DataFrame(rows), ["area", *BEDS, "capital .1", "more .1"])
