"""Evidence: what was reported, whether the figures agree, and what that means for an area."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eldercare.care import intervals_overlap
from eldercare.report import marks
from eldercare.report.chart import Chart, Column, Table
from eldercare.report.html import Html
from eldercare.report.marks import Axis
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
# Tables that hold published figures beside the ones in use.
WITH_CONFLICTS = ("geography", "resident_population", "registered_population", "vital_events", "census_bands")


def answer(page: Page, report: pd.DataFrame, implied: pd.DataFrame) -> Html:
    """Return the answer of the page: what the report counts, and how far its own ratios agree."""
    total = page.t.number(report.loc["beds_total", "value"])
    low, high = page.t.rounded(implied["low"].min()), page.t.rounded(implied["high"].max())
    sentences = [
        page.say("answer", total=total, low=low, high=high),
        page.say("answer_agree" if _agree(implied) else "answer_disagree"),
    ]
    if not page.is_city:
        sentences.append(page.say("answer_county"))
    return page.answer(*sentences)


def _agree(implied: pd.DataFrame) -> bool:
    first, second = (tuple(implied.loc[name, ["low", "high"]]) for name in ("institution_beds", "purchased_care"))
    return intervals_overlap(first, second)


def implied_chart(page: Page, implied: pd.DataFrame) -> Chart:
    """Draw the elders that each printed ratio implies (columns total, ratio, per, low, high), as intervals."""

    def words(name: str) -> str:
        row = implied.loc[name]
        return page.say(f"ratio_{name}", total=page.t.number(row["total"]), ratio=f"{row['ratio']:g}")

    names = [words(name) for name in implied.index]
    texts = [page.t.interval(row.low, row.high) for row in implied.itertuples()]
    frame = implied.rename_axis("name").reset_index()
    return page.chart(
        "implied",
        frame,
        [
            Column("name", page.say("c_ratio"), form="text", words=words),
            Column("low", page.say("c_low")),
            Column("high", page.say("c_high")),
        ],
        marks.ranges(page.t, implied, names, Axis(page.say("axis_implied"), "persons", zero=False), texts),
        finding=page.say("implied_agree" if _agree(implied) else "implied_disagree"),
        source=page.say("source_report", report=page.t.pick(page.city.report.label)),
        shown=[True] * len(frame),
    )


def checks_table(page: Page, checks: pd.DataFrame) -> Table:
    """Return the report's other printed ratios (columns name, computed, printed, share) beside its own counts."""
    by_name = checks.set_index("name")

    def write(column: str, name: str, value: Any) -> str:
        if isinstance(value, str):
            return page.say("full")
        if pd.isna(value):
            return page.say("not_printed")
        return page.t.percent(value) if by_name.loc[name, "share"] else page.t.number(value)

    shown = checks.assign(
        **{
            name: [write(name, row["name"], row[name]) for row in checks.to_dict("records")]
            for name in ("computed", "printed")
        }
    )
    columns = [
        Column("name", page.say("c_figure"), form="text", words=lambda name: page.say(f"check_{name}")),
        Column("computed", page.say("c_computed")),
        Column("printed", page.say("c_printed")),
    ]
    return page.table("checks", shown, columns)


def report_table(page: Page, report: pd.DataFrame) -> Table:
    """Return every elder-care figure of the report, in the page's language."""
    frame = report.reset_index()

    def printed(text: str) -> str:
        if text == "full coverage":
            return page.say("full")
        return page.t.number(int(text)) if text.isdecimal() else text

    def unit(name: str) -> str:
        return page.say(f"unit_{name}") if page.t.has(f"evidence.unit_{name}") else name

    columns = [
        Column("label_en" if page.t.language == "en" else "wording_zh", page.say("c_figure"), form="text"),
        Column("value_printed", page.say("c_printed"), words=printed),
        Column("unit", page.t("page.c_unit"), form="text", words=unit),
        Column(
            "quality",
            page.t("page.c_kind"),
            form="text",
            words=lambda q: page.tag("derived" if q == "derived" else "reported"),
        ),
    ]
    return page.table("report", frame, columns, report=page.t.pick(page.city.report.label))


def start_table(page: Page, start: pd.DataFrame) -> Table:
    """Return the area's people at launch and its part of the reported totals (columns name, value, kind)."""
    columns = [
        Column("name", page.say("c_figure"), form="text", words=lambda name: page.say(f"a_{name}")),
        Column("value", page.t("page.c_value")),
        Column("kind", page.t("page.c_kind"), form="text", words=page.tag),
    ]
    return page.table("area", start, columns)


def start_note(page: Page) -> Html:
    """Return what allocated means on a county's page."""
    rule = page.value("allocation.rule", page.run["allocation.rule"])
    return page.note("area_note", rule=rule) if not page.is_city else Html("")


def conflicts(page: Page) -> Table | Html:
    """Return published figures that disagree, with the one used and why; all areas' on the city's page."""
    run = page.run
    areas = run.areas if page.is_city else (run.area,)
    tables = [run.project.table(name) for name in WITH_CONFLICTS if name in run.project.tables]
    unused = [table[~table["used"].astype(bool) & table["area"].isin(areas)] for table in tables if "used" in table]
    frame = pd.concat(unused, ignore_index=True) if unused else pd.DataFrame()
    if frame.empty:
        return page.note("no_conflicts")

    def value(number: float) -> str:
        return page.t.number(number) if abs(number) >= 100 else f"{number:g}"

    columns = [
        page.area_column(),
        Column("indicator", page.say("c_figure"), form="text", words=lambda name: page.say(f"f_{name}")),
        Column(
            "year",
            page.t("page.c_year"),
            form="year",
            words=lambda year: page.say("no_year") if pd.isna(year) else str(int(year)),
        ),
        Column("value", page.t("page.c_value"), words=value),
        Column("note", page.say("c_why"), form="text", words=lambda why: why if isinstance(why, str) else ""),
        Column("source_id", page.t("page.c_source"), form="text", words=lambda key: run.project.sources[key].title),
    ]
    return page.table("conflicts", frame, columns, shown=[True] * len(frame))


def sources_table(page: Page) -> Table:
    """Return the sources behind the report and the base population, with their quality and address."""
    sources = page.run.project.sources
    frame = pd.DataFrame(vars(sources[key]) for key in page.city.sources if key in sources)
    columns = [
        Column("title", page.t("page.c_source"), form="text"),
        Column("publisher", page.say("c_publisher"), form="text"),
        Column("date", page.say("c_date"), form="text"),
        Column("quality", page.say("c_quality"), form="text", words=lambda name: page.say(f"quality_{name}")),
    ]
    return page.table("sources", frame, columns)
