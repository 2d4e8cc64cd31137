"""Care need: who depends on care, what that makes in institutions, who waits, and how full a home can be run."""

import pandas as pd

from eldercare.model import Results
from eldercare.report.beds import way
from eldercare.report.chart import bare
from eldercare.report.html import Html
from eldercare.report.page import Page

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
