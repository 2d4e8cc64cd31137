"""Brief: what goes into a meeting about an area, the numbers and sentences of its pages on two sheets of paper."""

from eldercare.model import sensitivity
from eldercare.report import beds, plan
from eldercare.report.chart import bare
from eldercare.report.page import Page, Specs


def sections(page: Page) -> dict[str, list[object]]:
    """Return the parts of the brief, paragraphs, tables and charts, under their headings."""
    run, of_beds, of_plan = page.run, page.about("beds"), page.about("plan")
    norm, basis = page.t.number(run["beds.norm"]), page.say(f"beds.basis_{run.bases[0]}")
    gaps = [page.column(f"{name} ~", page.say(f"c_{name}", norm=norm)) for name in ("gap_ratio", "gap_need")]
    columns: Specs = ["year", "elders_60plus", "supply", "beds_per_1000", *gaps]
    years = page.table("years", bare(beds.rows_of(run)), columns, shown=page.years, basis=basis)
    ahead = range(min(max(int(run["supply.first_year"]), page.first), page.target), page.target + 1)
    sources = [run.project.sources[name] for name in page.city.sources if name in run.project.sources]
    parts: dict[str, list[object]] = {
        "answer": [beds.answer(of_beds), beds.ratio_chart(of_beds, beds.ratio(run))],
        "years": [years, page.say("sign")],
        "plan": [plan.answer(of_plan, run.cost), plan.openings(of_plan, ahead)],
        "sure": [plan.first(of_plan), plan.count_first(page, sensitivity.widths(run, run.area))],
        "sources": [*(f"{page.own_words(one.title)} {one.url}".strip() for one in sources), page.say("numbers")],
    }
    if page.is_city:
        parts["plan"].append(plan.counties(of_plan))
    return {page.say(f"h_{name}"): found for name, found in parts.items()}
