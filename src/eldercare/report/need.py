"""Care need: who depends on care, what that makes in institutions, who waits, and how full a home can be run."""

import pandas as pd

from eldercare.model import Results
from eldercare.report.beds import SMALL, way
from eldercare.report.chart import Table, bare, turned
from eldercare.report.html import Html
from eldercare.report.page import Page, Specs

# The two ways in which elders may ask for a place, with the ending of their columns.
CASES = {"today": "_as_today", "need": ""}


def answer(page: Page) -> Html:
    """Say what of the beds by need comes from numbers and from age."""
    run = page.run
    elders, care_need = run.elders().mean(axis=1), run.care_need
    force = bare(care_need[care_need["in_force"]].set_index("year"))
    start, end = float(force["beds"][page.first]), float(force["beds"][page.target])
    size = start * (elders[run.position(page.target)] / elders[0] - 1)
    said = page.say(
        "care_need_grows",
        way=way(page),
        start=start,
        end=end,
        low=float(force["beds_p10"][page.target]),
        high=float(force["beds_p90"][page.target]),
        size=size,
        age=end - start - size,
        health=page.say("care_need_health") if run["need.morbidity"] != "constant" else "",
    )
    return page.answer(said)


def need_table(page: Page, need: pd.DataFrame) -> Table:
    """Return need, demand and use as rows, milestone years as columns; use is known for the first year only."""
    years = [year for year in page.years if year <= page.target or year == page.last]

    fields = {"way": way(page), "dependents": page.t(f"page.counts_{page.run['need.definition']}")}
    rows = page.column("row text =c_persons", words=lambda name: page.say(f"row_{name}", **fields))
    columns: Specs = [rows, *(page.column(f"{year} ~", str(year)) for year in years)]
    return page.table("need", turned(need, years), columns)


def queue_sentence(page: Page, rows: pd.DataFrame, case: str) -> str:
    """Say from when on institutions are full, if as many ask as today or all in need, and how many wait then."""
    residents, waiting = f"residents{CASES[case]}", f"waiting{CASES[case]}"
    # In every second draw more wait than the share of the residents that is turnover.
    queue = rows.index[rows[f"{waiting}_p50"] > SMALL * rows[residents]]
    key = "queue_never" if queue.empty else "queue_later" if queue[0] > page.target else "queue_full"
    row, last = rows.loc[page.target], rows.iloc[-1]
    return page.say(
        key,
        case=page.say(f"case_{case}"),
        year=None if queue.empty else int(queue[0]),
        waiting=row[waiting],
        low=row[f"{waiting}_p10"],
        high=row[f"{waiting}_p90"],
        occupancy=page.t.percent(last[residents] / last["supply"], 0) if last["supply"] else page.t("page.none"),
    )


def definitions(page: Page) -> pd.DataFrame:
    """Return the definitions of dependency: share at launch and its interval, persons in launch and target year."""
    run, rows = page.run, []
    for name, of in bare(run.care_need).query("way == @run['need.institution_by']").groupby("definition", sort=False):
        share, people = run.settings.read(f"need.{name}.prevalence"), of.set_index("year").filter(like="dependents")
        low, high = share.interval or (share.number, share.number)
        row = {
            "definition": name,
            "counts": name,
            "prevalence": share.number,
            "prevalence_p10": low,
            "prevalence_p90": high,
        }
        for year in (page.first, page.target):
            row |= people.loc[year].rename(lambda column, year=year: column.replace("dependents", f"{year}")).to_dict()
        rows.append(row)
    return pd.DataFrame(rows)


def ways(run: Results) -> pd.DataFrame:
    """Return the places and beds of institutions by way to find them, under the definition in force."""
    return bare(run.care_need[run.care_need["definition"] == run["need.definition"]])
