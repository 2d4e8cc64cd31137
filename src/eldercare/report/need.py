"""Care need: who depends on care, what that makes in institutions, who waits, and how full a home can be run."""

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
