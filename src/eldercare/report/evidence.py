"""Evidence page: what was reported, whether the figures agree, and what that means for an area."""

from __future__ import annotations

import pandas as pd

from eldercare.care import implied_count, intervals_overlap
from eldercare.model.supply import SPLIT
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

# Total, its printed ratio, and how many persons the ratio refers to.
RATIOS = {
    "all_beds": ("beds_total", "beds_per_1000_elders", 1000),
    "institution_beds": ("beds_institutional", "beds_institutional_per_1000_elders", 1000),
    "purchased_care": (
        "elders_with_government_purchased_home_care",
        "share_elders_government_purchased_home_care",
        100,
    ),
}


def report(page: Page) -> pd.DataFrame:
    """Return the figures of the 2018 report indexed by indicator."""
    return page.run.project.table("report_2018").set_index("indicator")


def implied_elders(page: Page) -> dict[str, tuple[float, float]]:
    """Return the interval of elders that each printed ratio implies, persons."""
    figures = report(page)
    return {
        name: implied_count(
            figures.loc[total, "value"], figures.loc[ratio, "value"], figures.loc[ratio, "rounding_step"], per
        )
        for name, (total, ratio, per) in RATIOS.items()
    }


def answer(page: Page) -> Html:
    """Return the answer of the page: what the report counts, and how far its own ratios agree."""
    t, figures, implied = page.t, report(page), implied_elders(page)
    text = t(
        "evidence.answer",
        total=t.number(figures.loc["beds_total", "value"]),
        low=t.rounded(min(low for low, _ in implied.values())),
        high=t.rounded(max(high for _, high in implied.values())),
    )
    agree = intervals_overlap(implied["institution_beds"], implied["purchased_care"])
    text += t("page.space") + t("evidence.answer_agree" if agree else "evidence.answer_disagree")
    if not page.is_city:
        text += t("page.space") + t("evidence.answer_county", area=page.area_name)
    return element("p", text, cls="answer")


def implied_chart(page: Page) -> Chart:
    """Draw the elders that each printed ratio implies, as intervals on one axis."""
    t, implied = page.t, implied_elders(page)
    names = list(implied)[::-1]
    with style.drawing():
        figure, ax = style.canvas(height=2.4)
        for i, name in enumerate(names):
            low, high = (v / 1000 for v in implied[name])
            ax.plot([low, high], [i, i], lw=9, color=style.BLUE, alpha=0.85, solid_capstyle="butt")
            ax.text(
                high + 0.5,
                i,
                t("evidence.range", low=t.number(low, 1), high=t.number(high, 1)),
                va="center",
                fontsize=9,
            )
        ax.set_yticks(range(len(names)), [t(f"evidence.ratio_{n}") for n in names])
        ax.set_ylim(-0.6, len(names) - 0.4)
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
        low, high = ax.get_xlim()
        ax.set_xlim(low, high + (high - low) * 0.22)
        ax.set_xlabel(t("evidence.axis_implied"))
    agree = intervals_overlap(implied["institution_beds"], implied["purchased_care"])
    twin = pd.DataFrame(
        {
            t("evidence.c_ratio"): [t(f"evidence.ratio_{n}") for n in RATIOS],
            t("evidence.c_low"): [t.number(implied[n][0]) for n in RATIOS],
            t("evidence.c_high"): [t.number(implied[n][1]) for n in RATIOS],
        }
    )
    return Chart(
        "implied",
        figure,
        t("evidence.implied_title"),
        t("evidence.implied_agree" if agree else "evidence.implied_disagree"),
        t("evidence.source_report"),
        twin,
        page.twin_label(),
    )


def more_checks(page: Page) -> Html:
    """Return the report's other printed ratios beside what its own counts give."""
    t, f = page.t, report(page)["value"]
    places = f["villages"] + f["urban_communities"]
    records = [
        (
            t("evidence.check_sum"),
            t.number(f["beds_institutional"] + f["beds_home_care_centres"]),
            t.number(f["beds_total"]),
        ),
        (t("evidence.check_private"), t.percent(f["beds_private"] / f["beds_institutional"]), "78%"),
        (
            t("evidence.check_coverage", n=t.number(places)),
            t.percent(f["home_care_centres"] / places),
            t("evidence.full"),
        ),
        (t("evidence.check_meals"), t.percent(f["meal_points"] / f["home_care_centres"], 0), t("evidence.not_printed")),
    ]
    frame = pd.DataFrame(records, columns=[t("evidence.c_figure"), t("evidence.c_computed"), t("evidence.c_printed")])
    return table(frame, t("evidence.checks_caption"), numeric=list(frame.columns[1:]))


def report_table(page: Page) -> Html:
    """Return every elder-care figure of the 2018 report with its Chinese term."""
    t = page.t
    english = t.language == "en"
    records = []
    for row in page.run.project.table("report_2018").itertuples():
        records.append(
            {
                t("evidence.c_figure"): row.label_en if english else row.wording_zh,
                t("evidence.c_other"): row.wording_zh if english else row.label_en,
                t("evidence.c_printed"): printed(page, row.value_printed),
                t("page.c_unit"): unit_label(page, row.unit),
                t("page.c_kind"): page.tag("derived" if row.quality == "derived" else "reported"),
            }
        )
    frame = pd.DataFrame(records)
    return join(
        [
            table(frame, t("evidence.report_caption"), numeric=[t("evidence.c_printed")]),
            page.note("evidence.report_note"),
        ]
    )


def printed(page: Page, text: str) -> str:
    """Return a printed value as the page writes numbers; words of the report are translated."""
    if text == "full coverage":
        return page.t("evidence.full")
    return page.t.number(int(text)) if text.isdecimal() else text


def unit_label(page: Page, unit: str) -> str:
    """Return the name of a data table's unit in the page's language."""
    key = f"evidence.unit_{unit}"
    return page.t(key) if page.t.has(key) else unit


def area_table(page: Page) -> Html:
    """Return the area's population at launch and its part of the reported totals, each with its kind."""
    t, run = page.t, page.run
    members = run.members()
    resident = run.elders()[0].mean()
    registered = run.elders(basis="registered")[0].mean()
    total = run.project.table("census_totals").query("year == 2020")
    census = float(total[total["area"] == run.area]["value"].iloc[0])
    records = [
        (t("evidence.a_residents"), t.number(census), page.tag("reported")),
        (t("evidence.a_elders"), t.number(resident), page.tag("estimated")),
        (t("evidence.a_registered"), t.number(registered), page.tag("estimated")),
    ]
    for indicator in SPLIT:
        split = run.split(indicator)
        allocated = len(members) == 1 and split.allocated[members[0]]
        records.append(
            (
                t(f"evidence.a_{indicator}"),
                t.number(sum(split.values[c] for c in members)),
                page.supply_tag(allocated),
            )
        )
    frame = pd.DataFrame(records, columns=[t("evidence.c_figure"), t("page.c_value"), t("page.c_kind")])
    parts = [table(frame, t("evidence.area_caption", area=page.area_name), numeric=[t("page.c_value")])]
    if not page.is_city:
        parts.append(
            page.note("evidence.area_note", rule=page.value("allocation.rule", run.settings.value("allocation.rule")))
        )
    return join(parts)


def conflicts(page: Page) -> Html:
    """Return published figures that disagree, with the one used and why."""
    t = page.t
    records = []
    for name in ("geography", "resident_population", "registered_population", "vital_events", "census_bands"):
        frame = page.run.project.table(name)
        if "used" not in frame:
            continue
        for row in frame[~frame["used"].astype(bool)].itertuples():
            if row.area not in run_areas(page):
                continue
            label = t(f"evidence.f_{row.indicator}")
            records.append(
                {
                    t("page.c_area"): page.area_of(row.area) if row.area in page.run.areas else row.area,
                    t("evidence.c_figure"): label,
                    t("page.c_year"): t("evidence.no_year") if pd.isna(row.year) else str(int(row.year)),
                    t("page.c_value"): t.number(row.value) if abs(row.value) >= 100 else f"{row.value:g}",
                    t("evidence.c_why"): row.note or "",
                    t("page.c_source"): page.run.project.sources[row.source_id].title,
                }
            )
    if not records:
        return page.note("evidence.no_conflicts", area=page.area_name)
    frame = pd.DataFrame(records)
    return table(frame, t("evidence.conflicts_caption", area=page.area_name), numeric=[t("page.c_value")])


def run_areas(page: Page) -> tuple[str, ...]:
    """Return the areas whose figures belong on the page: all on the city's, its own on a county's."""
    return page.run.areas if page.is_city else (page.run.area,)


def sources(page: Page) -> Html:
    """Return the sources behind the report and the base population, with their quality."""
    t = page.t
    wanted = {"SEED", "NBS2020COUNTY", "HZ2020", "HZ2019", "ZJ2022REG", "WPP2024", "HZLIFE2019", "CZ2020"}
    records = [
        {
            t("page.c_source"): source.title,
            t("evidence.c_publisher"): source.publisher,
            t("evidence.c_date"): source.date,
            t("evidence.c_quality"): t(f"evidence.quality_{source.quality}"),
        }
        for key, source in page.run.project.sources.items()
        if key in wanted
    ]
    return table(pd.DataFrame(records), t("evidence.sources_caption"))
