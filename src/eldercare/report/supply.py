"""Beds page, supply: planned changes, the pace needed, county evidence, private and nursing-type beds."""

from __future__ import annotations

import pandas as pd

from eldercare.inputs.bed_changes import FILE
from eldercare.report.html import Html, element, join, table
from eldercare.report.institutions import origin
from eldercare.report.page import Page

# National bed counts between which the pace of building is measured.
PACE_YEARS = (2015, 2020)
EVIDENCE_COUNTY, EVIDENCE_YEAR = "changxing", 2022


def evidence(page: Page, area: str, year: int, indicator: str) -> float:
    """Return a used figure of the table of evidence."""
    rows = page.run.project.table("care_evidence")
    rows = rows[(rows["area"] == area) & (rows["year"] == year) & (rows["indicator"] == indicator) & rows["used"]]
    return float(rows["value"].iloc[0])


def supply_section(page: Page) -> Html:
    """Return what is planned, what pace the norm needs, what a county has reported, and who runs which beds."""
    parts = [planned(page), pace(page)]
    if page.run.beds["allocated"].iloc[0]:
        parts.insert(0, element("p", Html(page.supply_tag(True) + " " + page.t("beds.also_allocated")), cls="note"))
    if page.is_city or page.run.area == EVIDENCE_COUNTY:
        parts.append(county_evidence(page))
    return join([*parts, nursing_and_private(page)])


def planned(page: Page) -> Html:
    """Return the plan in force and the rows of the table of bed changes for the area, or that there are none."""
    t, run = page.t, page.run
    rows = page.run.beds.query("bed_type == 'all'").set_index("year")["supply"]
    start, later = rows.iloc[0], rows.loc[page.run.target_year]
    more = later - start
    key = "beds.plan_same" if abs(more) < 0.5 else "beds.plan_more" if more > 0 else "beds.plan_fewer"
    plan = run.settings.value("supply.plan")
    said = page.note(
        key,
        cls="",
        area=page.area_name,
        plan=page.value("supply.plan", plan),
        year=page.run.target_year,
        beds=t.rounded(later),
        more=t.rounded(abs(more)),
    )
    changes = run.bed_changes
    changes = changes[changes["area"].isin(run.members())]
    if changes.empty:
        return join([said, page.note("beds.changes_none", file=FILE)])
    shown = pd.DataFrame(
        {
            t("page.c_year"): [str(year) for year in changes["year"]],
            t("page.c_area"): [page.area_of(area) for area in changes["area"]],
            t("beds.c_kind"): [t(f"beds.kind_{kind}") for kind in changes["bed_type"]],
            t("beds.c_operation"): [t(f"beds.operation_{one}") for one in changes["operation"]],
            t("beds.c_beds"): [t.number(beds) for beds in changes["beds"]],
            t("page.c_kind"): [page.supply_tag(bool(one)) for one in changes["allocated"]],
        }
    )
    parts = [said, table(shown, t("beds.changes_caption", area=page.area_name), numeric=[t("beds.c_beds")])]
    return join(parts if plan == "planned" else [*parts, page.note("beds.changes_unused")])


def pace(page: Page) -> Html:
    """Compare the beds per year that hold the norm with the pace at which the country built."""
    t, run = page.t, page.run
    norm = float(run.settings.value("beds.norm"))
    row = run.crossing[run.crossing["norm"] == norm].iloc[0]
    even, safe = row["beds_per_year_to_hold"], row["beds_per_year_to_hold_80"]
    first, last = PACE_YEARS
    growth = (evidence(page, "china", last, "beds_total") / evidence(page, "china", first, "beds_total")) ** (
        1 / (last - first)
    ) - 1
    beds = float(run.beds.query("bed_type == 'all'")["supply"].iloc[0])
    as_china = beds * growth
    values = {
        "area": page.area_name,
        "norm": t.number(norm),
        "from": int(run.settings.value("supply.first_year")),
        "until": page.run.target_year,
        "even": t.rounded(even),
        "safe": t.rounded(safe),
        "first": first,
        "last": last,
        "growth": t.percent(growth),
        "china": t.rounded(as_china),
        "times": t.number(safe / as_china, 1),
    }
    key = "beds.pace_nothing" if safe == 0 else "beds.pace_faster" if safe > as_china else "beds.pace_slower"
    return page.note(key, cls="", **values)


def county_evidence(page: Page) -> Html:
    """Show the one county figure that was published, and why it does not replace the allocated number."""
    t, run = page.t, page.run
    county = EVIDENCE_COUNTY
    split = run.split("beds_institutional")
    allocated = split.values[county]
    welfare = evidence(page, county, EVIDENCE_YEAR, "beds_welfare_type_elder_institutions")
    homes = evidence(page, county, EVIDENCE_YEAR, "welfare_type_elder_institutions")
    key = "beds.evidence_allocated" if split.allocated[county] else "beds.evidence_reported"
    return page.note(
        key,
        cls="",
        area=page.area_of(county),
        year=EVIDENCE_YEAR,
        homes=t.number(homes),
        welfare=t.number(welfare),
        beds=t.rounded(allocated),
        share=t.percent(welfare / allocated, 0),
    )


def nursing_and_private(page: Page) -> Html:
    """Return private and nursing-type shares against their targets, and the beds to convert."""
    t, run = page.t, page.run
    private, institutional = (page.run.reported(name) for name in ("beds_private", "beds_institutional"))
    private_target = page.run.reported("private_bed_share_target")
    share = float(run.settings.value("beds.nursing_share"))
    target = float(run.settings.value("beds.nursing_target"))
    where = origin(page, "beds.nursing_share")
    rows = run.beds.query("bed_type == 'institution'").set_index("year")
    shown = pd.DataFrame(
        [
            [
                t("beds.share_private"),
                t.percent(private / institutional),
                t("beds.share_printed", share=t.number(page.run.reported("private_bed_share"))),
                t.percent(private_target / 100, 0),
            ],
            [
                t(f"beds.share_nursing_{where}"),
                t.percent(share),
                t("beds.share_national", share=t.percent(evidence(page, "china", 2023, "nursing_bed_share") / 100)),
                t.percent(target, 0),
            ],
        ],
        columns=[t("beds.c_share"), t("beds.c_share_now"), t("beds.c_share_beside"), t("beds.c_share_target")],
    )
    first = rows.iloc[0]
    missing = {year: rows.loc[year, "nursing_missing_p50"] for year in (rows.index[0], page.run.target_year)}
    values = {
        "area": page.area_name,
        "beds": t.rounded(first["supply"]),
        "now": t.rounded(first["nursing_beds_p50"]),
        "target": t.percent(target, 0),
        "missing": t.rounded(abs(missing[rows.index[0]])),
        "low": t.number(first["nursing_missing_p10"]),
        "high": t.number(first["nursing_missing_p90"]),
        "year": page.run.target_year,
        "later": t.rounded(abs(missing[page.run.target_year])),
    }
    now, later = missing.values()
    key = "beds.nursing_short" if now > 0 else "beds.nursing_enough"
    sentences = [t(key, **values)]
    if abs(later - now) > 0.5:
        sentences.append(t("beds.nursing_later_short" if later > 0 else "beds.nursing_later_enough", **values))
    return join(
        [
            table(shown, t("beds.shares_caption"), numeric=list(shown.columns[1:])),
            page.note(
                "beds.private_ahead" if private / institutional * 100 >= private_target else "beds.private_behind"
            ),
            element("p", t("page.space").join(sentences)),
            *([page.note("beds.nursing_note")] if where == "national" else []),
        ]
    )
