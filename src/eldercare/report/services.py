"""Services: what keeps pace with the elders, kinds of centres and institutions, care workers and their training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eldercare.model import Results
from eldercare.model.services import PURCHASED, SERVICES, TRAINEES, WORKERS
from eldercare.report import marks, style
from eldercare.report.beds import year_text
from eldercare.report.chart import Chart, Column, Table
from eldercare.report.html import Html, join
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.page import Page

PANELS = (PURCHASED, "home_care_centres", "home_care_centres_with_medical_agreement", "institutions")
# Kind of service and the service that it is part of.
SHARES = {
    "home_care_centres_with_medical_agreement": "home_care_centres",
    "home_care_centres_socially_run": "home_care_centres",
    "home_care_centres_demonstration": "home_care_centres",
    "institutions_with_medical_partner": "institutions",
    "institutions_public_built_private_run": "institutions",
    "institutions_with_internal_medical": "institutions",
}
NEEDED, ADD = "needed", "to_add_per_year"


def rows_of(run: Results, service: str) -> pd.DataFrame:
    """Return the rows of one service indexed by year; means have the bare names."""
    rows = run.services[run.services["service"] == service].set_index("year")
    return rows.set_axis(rows.columns.str.removesuffix("_mean"), axis=1)


def source(page: Page, key: str = "source") -> str:
    """Return a source line, and that levels are allocated where they are."""
    text = page.say(key)
    return text if page.is_city else text + page.t("page.space") + page.say("also_allocated")


def service_column(page: Page) -> Column:
    """Return the column of services by name."""
    return Column("service", page.say("c_service"), form="text", words=lambda name: page.say(f"s_{name}"))


def kind_column(page: Page) -> Column:
    """Return the column that says whether a level was reported or allocated."""
    return Column("allocated", page.t("page.c_kind"), form="text", words=lambda flag: page.supply_tag(bool(flag)))


def answer(page: Page) -> Html:
    """Return the answer of the page: purchased home care and care workers in the target year."""
    care, workers = (rows_of(page.run, name).to_dict("index")[page.target] for name in (PURCHASED, WORKERS))
    opening = page.say(
        "answer_short" if care[NEEDED] > care["reported"] else "answer_enough",
        share=page.t.percent(page.run["services.purchased_share"]),
        now=page.t.rounded(care["reported"]),
        add=page.t.rounded(care[ADD]),
        first=int(page.run["services.first_year"]),
        **banded(page, care),
    )
    stock = workers["reported"]
    key = "unknown" if pd.isna(stock) else "short" if workers[NEEDED] > stock else "enough"
    closing = page.say(f"workers_{key}", stock=page.t.rounded(stock), **banded(page, workers))
    origin = page.say("level_allocated" if care["allocated"] else "level_reported")
    tagged = Html('<p class="note">{} {}</p>').format(page.supply_tag(bool(care["allocated"])), origin)
    return join([page.answer(opening, closing), tagged])


def banded(page: Page, row: Mapping[Any, Any]) -> dict[str, str]:
    """Return what is needed with its interval, as fields of a text."""
    return {name: page.t.rounded(row[NEEDED + end]) for name, end in (("need", ""), ("low", "_p10"), ("high", "_p90"))}


def pace_chart(page: Page) -> Chart:
    """Draw what keeps pace against the level of the report, one panel for each main service."""
    series = [
        Series(NEEDED, page.say("line_needed"), style.BLUE),
        Series("reported", page.say("line_reported"), style.INK, width=2.4),
    ]
    frames = {name: rows_of(page.run, name) for name in PANELS}
    whole = pd.concat(frames.values()).reset_index()
    pieces = [
        page.say(
            "pace_piece",
            service=page.say(f"s_{name}"),
            now=page.t.rounded(rows["reported"].iloc[0]),
            need=page.t.rounded(rows[NEEDED][page.target]),
        )
        for name, rows in frames.items()
    ]
    panels = [Panel(rows, series, page.say(f"s_{name}")) for name, rows in frames.items()]
    return page.chart(
        "pace",
        whole,
        [
            service_column(page),
            page.year_column(),
            Column("reported", page.say("c_reported")),
            Column(NEEDED, page.say("c_needed"), interval=True),
        ],
        marks.lines(page.t, panels, Axis(), height=5.6, columns=2),
        finding=page.say("pace_alt", pieces=page.t("page.semicolon").join(pieces)),
        source=source(page),
        shown=whole["year"].isin(page.years).tolist(),
    )


def short_from(rows: pd.DataFrame) -> float:
    """Return the first year in which the level of the report no longer keeps pace on average, or NaN."""
    # The launch year's own ratio is not short of itself by rounding.
    short = rows.index[rows[NEEDED] > rows["reported"] * (1 + 1e-9)]
    return float(short[0]) if len(short) else np.nan


def pace_table(page: Page) -> Table:
    """Return every service: the level of the report, what keeps pace in the target year, what to add a year."""
    frames = {name: rows_of(page.run, name) for name in SERVICES if name not in (WORKERS, TRAINEES)}
    frame = pd.concat([rows.loc[[page.target]] for rows in frames.values()], ignore_index=True)
    frame["short_from"] = [short_from(rows) for rows in frames.values()]
    columns = [
        service_column(page),
        Column("reported", page.say("c_reported")),
        kind_column(page),
        Column(NEEDED, page.say("c_needed_target"), interval=True),
        Column(ADD, page.say("c_add"), None, interval=True),
        Column("short_from", page.say("c_short"), form="year", words=lambda year: year_text(page, year)),
    ]
    return page.table("services", frame, columns)


def pace_note(page: Page) -> Html:
    """Return what each service keeps pace with, and from when it is added."""
    driver = page.value("services.keep_pace_with", page.run["services.keep_pace_with"])
    return page.note("pace_note", driver=driver, first=int(page.run["services.first_year"]))


def shares_chart(page: Page, shares: pd.DataFrame) -> Chart:
    """Draw how many of the city's centres and institutions are of each kind, as reported (columns count, of, share)."""
    texts = [
        page.say(
            "of",
            share=page.t.percent(row["share"], 0 if row["share"] > 0.01 else 1),
            n=page.t.number(row["count"]),
            total=page.t.number(row["of"]),
        )
        for row in shares.to_dict("records")
    ]
    share = shares["share"]
    linked = share[["institutions_with_internal_medical", "institutions_with_medical_partner"]]
    colours = [style.GREEN if of == "home_care_centres" else style.BLUE for of in SHARES.values()]
    names = [page.say(f"s_{name}") for name in shares.index]
    return page.chart(
        "shares",
        shares,
        [
            service_column(page),
            Column("count", page.say("c_reported_city")),
            Column("of", page.say("c_of")),
            Column("share", page.say("c_share"), 1, "percent"),
        ],
        marks.bars(page.t, shares, {"share": ""}, names, Axis(share=True), colours=colours, texts=texts),
        finding=page.say(
            "shares_alt",
            agreement=page.t.percent(share["home_care_centres_with_medical_agreement"], 0),
            most=page.t.percent(linked.sum(), 0),
            least=page.t.percent(linked.max(), 0),
        ),
        source=page.say("source_report"),
    )


def workers_chart(page: Page, workers: pd.DataFrame) -> Chart:
    """Draw the care workers asked for (columns needed, inside), and the stock that training would keep up (kept).

    The stock in work (stock) is drawn where it was reported.
    """
    series = [
        Series(NEEDED, page.say("line_workers"), style.BLUE),
        Series("inside", page.say("line_inside"), style.PURPLE, dashed=True, band=False),
        Series("kept", page.say("line_kept"), style.ORANGE),
    ]
    columns = [
        page.year_column(),
        Column(NEEDED, page.say("c_workers"), interval=True),
        Column("inside", page.say("c_inside"), interval=True),
        Column("kept", page.say("c_kept")),
    ]
    if workers["stock"].notna().all():
        series.append(Series("stock", page.say("line_stock"), style.INK, width=2.4))
        columns.append(Column("stock", page.say("c_stock")))
    row = workers.to_dict("index")[page.target]
    return page.chart(
        "workers",
        workers,
        columns,
        marks.lines(page.t, Panel(workers, series), Axis(page.say("axis_workers"), "workers")),
        finding=page.say(
            "workers_alt_less" if row["kept"] < row[NEEDED] else "workers_alt_more",
            need=page.t.rounded(row[NEEDED]),
            inside=page.t.rounded(row["inside"]),
            kept=page.t.rounded(row["kept"]),
        ),
        source=page.say("source_workers"),
    )


def flow(page: Page, report: pd.Series) -> Html:
    """Say that the trainees of the report are a flow, and not the care workers in work."""
    trained, courses = (page.t.number(report[name]) for name in (TRAINEES, "care_worker_training_cohorts"))
    return page.finding(page.say("flow", trained=trained, cohorts=courses))


def training_table(page: Page, training: pd.DataFrame) -> Table:
    """Return care workers asked for (column needed), and the years and trainees that they take."""

    def years(number: float) -> str:
        return page.t.number(number) if np.isfinite(number) else page.say("no_end")

    columns = [
        page.year_column(),
        Column(NEEDED, page.say("c_workers"), interval=True),
        Column("years", page.say("c_years"), words=years),
        Column("replace", page.say("c_replace"), interval=True),
        Column("courses", page.say("c_courses")),
    ]
    return page.table("training", training, columns, shown=[True] * len(training))


def training_note(page: Page, trained: float) -> Html:
    """Return the pace of training behind the table, and what is assumed."""
    pace = page.t.number(trained, 0 if page.is_city else 1)
    key = "training_note" if page.is_city else "training_note_county"
    return page.note(key, pace=pace, turnover=page.t.percent(page.run["services.turnover"], 0))


def counties(page: Page, frame: pd.DataFrame, equity: float) -> Html:
    """Return the counties' purchased care and care workers (column workers) in the target year, and equity."""
    columns = [
        page.area_column(),
        Column("reported", page.say("c_care_reported")),
        kind_column(page),
        Column(NEEDED, page.say("c_needed_target"), interval=True),
        Column(ADD, page.say("c_care_add"), interval=True),
        Column("workers", page.say("c_workers_needed"), interval=True),
    ]
    key = "equity_allocated" if frame["allocated"].all() else "equity_reported"
    return join([page.table("counties", frame, columns), page.note(key, gini=page.t.number(equity, 3))])
