"""Services page: what was reported, what keeps pace, the medical links, and care workers against their training."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.care import gini, sustained_stock
from eldercare.model.draws import spread
from eldercare.model.services import PURCHASED, SERVICES, TRAINEES, WORKERS
from eldercare.model.supply import elders_at_launch
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

TARGET = 2035
PANELS = (PURCHASED, "home_care_centres", "home_care_centres_with_medical_agreement", "institutions")
# Kind of service and the service that it is part of, for the chart of shares.
SHARES = {
    "home_care_centres_with_medical_agreement": "home_care_centres",
    "home_care_centres_socially_run": "home_care_centres",
    "home_care_centres_demonstration": "home_care_centres",
    "institutions_with_medical_partner": "institutions",
    "institutions_public_built_private_run": "institutions",
    "institutions_with_internal_medical": "institutions",
}


def rows_of(page: Page, service: str) -> pd.DataFrame:
    """Return the rows of one service, indexed by year."""
    frame = page.run.services
    return frame[frame["service"] == service].set_index("year")


def name_of(page: Page, service: str) -> str:
    """Return the name of a service in the page's language."""
    return page.t(f"services.s_{service}")


def banded(page: Page, row: pd.Series, stem: str, decimals: int = 0) -> str:
    """Return a median with its 80% interval, or that nothing is known."""
    if pd.isna(row[f"{stem}_p50"]):
        return page.t("services.unknown")
    t = page.t
    ends = t.interval(row[f"{stem}_p10"], row[f"{stem}_p90"], decimals)
    return t("services.banded", mid=t.number(row[f"{stem}_p50"], decimals), ends=ends)


def short_from(page: Page, service: str) -> str:
    """Return since when the level of 2018 no longer keeps pace in the median, in words."""
    rows = rows_of(page, service)
    if rows["reported"].isna().any():
        return page.t("services.unknown")
    # The launch year's own ratio is not short of itself by rounding.
    short = rows.index[rows["needed_p50"] > rows["reported"] * (1 + 1e-9)]
    if not len(short):
        return page.t("services.never", last=int(rows.index[-1]))
    return page.t("services.already", first=int(rows.index[0])) if short[0] == rows.index[0] else str(short[0])


def answer(page: Page) -> Html:
    """Return the answer of the page: purchased home care and care workers in 2035."""
    t, run = page.t, page.run
    care, workers = rows_of(page, PURCHASED).loc[TARGET], rows_of(page, WORKERS).loc[TARGET]
    values = {
        "area": page.area_name,
        "year": TARGET,
        "share": t.percent(run.settings.value("services.purchased_share")),
        "now": t.rounded(care["reported"]),
        "need": t.rounded(care["needed_p50"]),
        "low": t.rounded(care["needed_p10"]),
        "high": t.rounded(care["needed_p90"]),
        "add": t.rounded(care["to_add_per_year_p50"]),
        "first": int(run.settings.value("services.first_year")),
    }
    short, allocated = care["needed_p50"] > care["reported"], bool(care["allocated"])
    opening = t("services.answer_short" if short else "services.answer_enough", **values)
    stock = workers["reported"]
    key = "unknown" if pd.isna(stock) else "short" if workers["needed_p50"] > stock else "enough"
    closing = t(
        f"services.workers_{key}",
        year=TARGET,
        need=t.rounded(workers["needed_p50"]),
        low=t.rounded(workers["needed_p10"]),
        high=t.rounded(workers["needed_p90"]),
        stock="" if pd.isna(stock) else t.rounded(stock),
    )
    return join(
        [
            element("p", opening + t("page.space") + closing, cls="answer"),
            element(
                "p",
                Html(
                    page.supply_tag(allocated)
                    + " "
                    + element("span", t("services.level_allocated" if allocated else "services.level_reported"))
                ),
                cls="note",
            ),
        ]
    )


def pace_chart(page: Page) -> Chart:
    """Draw what keeps pace against the level of 2018, one panel for each main service."""
    t = page.t
    with style.drawing():
        figure, axes = style.canvas(2, 2, width=8.8, height=5.6)
        for ax, service in zip(axes.flat, PANELS, strict=True):
            rows = rows_of(page, service)
            years = rows.index.to_numpy()
            ax.fill_between(years, rows["needed_p10"], rows["needed_p90"], color=style.BLUE, alpha=0.18, lw=0)
            ax.plot(years, rows["needed_p50"], color=style.BLUE)
            ax.plot(years, rows["reported"], color=style.INK, lw=2.4)
            ax.set_ylim(0, 1.08 * max(rows["needed_p90"].max(), rows["reported"].max()))
            style.count_axis(ax, t, name_of(page, service), 0 if ax.get_ylim()[1] > 6 else 1)
            ax.set_title(name_of(page, service), fontweight="bold", color=style.INK)
            style.year_axis(ax, years[0], years[-1])
            ax.set_xticks([y for y in (2020, 2030, 2040, 2050) if y <= years[-1]])
            style.end_labels(
                ax,
                [
                    (years[-1], rows["needed_p50"].iloc[-1], t("services.line_needed"), style.BLUE),
                    (years[-1], rows["reported"].iloc[-1], t("services.line_reported"), style.INK),
                ],
                gap=0.1,
            )
    records = [
        {
            t("services.c_service"): name_of(page, service),
            t("page.c_year"): str(year),
            t("services.c_reported"): t.number(row["reported"]),
            t("services.c_needed"): banded(page, row, "needed"),
        }
        for service in PANELS
        for year, row in rows_of(page, service).loc[page.years].iterrows()
    ]
    pieces = [
        t(
            "services.pace_piece",
            service=name_of(page, service),
            now=t.rounded(rows["reported"].iloc[0]),
            need=t.rounded(rows.loc[TARGET, "needed_p50"]),
        )
        for service, rows in ((s, rows_of(page, s)) for s in PANELS)
    ]
    return Chart(
        "pace",
        figure,
        t("services.pace_title", area=page.area_name),
        t("services.pace_alt", year=TARGET, pieces=t("page.semicolon").join(pieces)),
        source_of(page),
        pd.DataFrame(records),
        page.twin_label(),
    )


def source_of(page: Page) -> str:
    """Return the source line of the charts: levels reported for the city, allocated to a county."""
    return page.t("services.source" if page.is_city else "services.source_allocated")


def pace_table(page: Page) -> Html:
    """Return every service: the level of 2018, what keeps pace in 2035, and what to add per year."""
    t = page.t
    records = []
    for service in SERVICES:
        if service in (WORKERS, TRAINEES):
            continue
        rows = rows_of(page, service)
        small = 1 if rows["reported"].iloc[0] < 100 and not page.is_city else 0
        records.append(
            {
                t("services.c_service"): name_of(page, service),
                t("services.c_reported"): t.number(rows["reported"].iloc[0], small),
                t("page.c_kind"): page.supply_tag(bool(rows["allocated"].iloc[0])),
                t("services.c_needed_2035"): banded(page, rows.loc[TARGET], "needed", small),
                t("services.c_add"): banded(
                    page, rows.loc[TARGET], "to_add_per_year", 0 if service == PURCHASED else 1
                ),
                t("services.c_short"): short_from(page, service),
            }
        )
    frame = pd.DataFrame(records)
    numeric = [c for c in frame.columns[1:] if c != t("page.c_kind")]
    return join(
        [
            table(frame, t("services.pace_caption", area=page.area_name), numeric=numeric),
            page.note(
                "services.pace_note",
                driver=page.value("services.keep_pace_with", page.run.settings.value("services.keep_pace_with")),
                first=int(page.run.settings.value("services.first_year")),
            ),
        ]
    )


def shares_chart(page: Page) -> Chart:
    """Draw how many of the city's centres and institutions are of each kind, as reported."""
    t = page.t
    share = {name: page.run.reported(name) / page.run.reported(of) for name, of in SHARES.items()}
    names = list(SHARES)[::-1]
    with style.drawing():
        figure, ax = style.canvas(height=3.0)
        y = np.arange(len(names))
        colours = [style.GREEN if SHARES[n] == "home_care_centres" else style.BLUE for n in names]
        ax.barh(y, [share[n] * 100 for n in names], color=colours, height=0.6, lw=0)
        for i, name in enumerate(names):
            ax.text(
                share[name] * 100 + 1,
                i,
                t(
                    "services.of",
                    share=t.percent(share[name], 0 if share[name] > 0.01 else 1),
                    n=t.number(page.run.reported(name)),
                    total=t.number(page.run.reported(SHARES[name])),
                ),
                va="center",
                fontsize=9,
            )
        ax.set_yticks(y, [name_of(page, n) for n in names])
        ax.set_xlim(0, 100)
        ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}%")
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
    twin = pd.DataFrame(
        {
            t("services.c_service"): [name_of(page, n) for n in SHARES],
            t("services.c_reported_city"): [t.number(page.run.reported(n)) for n in SHARES],
            t("services.c_share"): [t.percent(share[n]) for n in SHARES],
        }
    )
    linked = share["institutions_with_internal_medical"], share["institutions_with_medical_partner"]
    return Chart(
        "shares",
        figure,
        t("services.shares_title"),
        t(
            "services.shares_alt",
            agreement=t.percent(share["home_care_centres_with_medical_agreement"], 0),
            most=t.percent(sum(linked), 0),
            least=t.percent(max(linked), 0),
        ),
        t("services.source_report"),
        twin,
        page.twin_label(),
    )


def staff(page: Page) -> dict[str, np.ndarray | float]:
    """Return care workers asked for by place and the trainees of the area, summed over its counties."""
    parts = [page.run.counties[c].services for c in page.run.members()]
    names = ("workers_institution", "workers_home", "trained")
    return {name: sum(getattr(part, name) for part in parts) for name in names}


def workers_chart(page: Page) -> Chart:
    """Draw the care workers that dependents ask for, with the stock that the training of the report keeps up."""
    t, rows = page.t, rows_of(page, WORKERS)
    years = rows.index.to_numpy()
    people = staff(page)
    inside = spread(people["workers_institution"])["p50"]
    sustained = float(sustained_stock(people["trained"], page.run.settings.value("services.turnover")))
    known = not rows["reported"].isna().any()
    with style.drawing():
        figure, ax = style.canvas()
        ax.fill_between(years, rows["needed_p10"], rows["needed_p90"], color=style.BLUE, alpha=0.18, lw=0)
        ax.plot(years, rows["needed_p50"], color=style.BLUE)
        ax.plot(years, inside, color=style.PURPLE, ls=(0, (5, 2)))
        ax.plot(years, np.full(len(years), sustained), color=style.ORANGE)
        labels = [
            (years[-1], rows["needed_p50"].iloc[-1], t("services.line_workers"), style.BLUE),
            (years[-1], inside[-1], t("services.line_inside"), style.PURPLE),
            (years[-1], sustained, t("services.line_sustained"), style.ORANGE),
        ]
        if known:
            ax.plot(years, rows["reported"], color=style.INK, lw=2.4)
            labels.append((years[-1], rows["reported"].iloc[-1], t("services.line_stock"), style.INK))
        ax.set_ylim(0, None)
        style.count_axis(ax, t, t("services.axis_workers"))
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(ax, labels)
    at = {y: int(np.searchsorted(years, y)) for y in page.years}
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in page.years],
            t("services.c_workers"): [banded(page, rows.loc[y], "needed") for y in page.years],
            t("services.c_inside"): [t.number(inside[at[y]]) for y in page.years],
            t("services.c_sustained"): [t.number(sustained)] * len(page.years),
        }
    )
    return Chart(
        "workers",
        figure,
        t("services.workers_title", area=page.area_name),
        t(
            "services.workers_alt_less" if sustained < rows.loc[TARGET, "needed_p50"] else "services.workers_alt_more",
            year=TARGET,
            need=t.rounded(rows.loc[TARGET, "needed_p50"]),
            inside=t.rounded(inside[at[TARGET]]),
            sustained=t.rounded(sustained),
        ),
        t("services.source_workers"),
        twin,
        page.twin_label(),
    )


def training(page: Page) -> Html:
    """Say what the trainees of the report are, and return how long training at that pace would take."""
    t, run = page.t, page.run
    trained = float(staff(page)["trained"])
    workers, flow = rows_of(page, WORKERS), rows_of(page, TRAINEES)
    per_course = run.reported(TRAINEES) / run.reported("care_worker_training_cohorts")
    records = []
    for year in (2025, 2030, TARGET):
        need = workers.loc[year]
        replaced = flow.loc[year]
        records.append(
            {
                t("page.c_year"): str(year),
                t("services.c_workers"): banded(page, need, "needed"),
                t("services.c_years"): t.number(need["needed_p50"] / trained) if trained else t("services.no_end"),
                t("services.c_replace"): banded(page, replaced, "needed"),
                t("services.c_courses"): t.number(np.ceil(replaced["needed_p50"] / per_course)),
            }
        )
    frame = pd.DataFrame(records)
    return join(
        [
            page.note(
                "services.flow",
                cls="finding",
                trained=t.number(run.reported(TRAINEES)),
                cohorts=t.number(run.reported("care_worker_training_cohorts")),
            ),
            table(frame, t("services.training_caption", area=page.area_name), numeric=list(frame.columns[1:])),
            page.note(
                "services.training_note" if page.is_city else "services.training_note_county",
                pace=t.number(trained, 0 if page.is_city else 1),
                turnover=t.percent(run.settings.value("services.turnover"), 0),
            ),
        ]
    )


def counties_table(page: Page) -> Html:
    """Return levels, needs and equity of all counties on the city's page, a pointer to it on a county's."""
    if not page.is_city:
        return page.note("page.see_city")
    t, run = page.t, page.run
    frames = [run.table("services", area) for area in run.project.counties]
    frame = pd.concat(frames).set_index(["area", "service", "year"]).sort_index()
    records, levels = [], []
    for area in run.project.counties:
        care, workers = frame.loc[(area, PURCHASED, TARGET)], frame.loc[(area, WORKERS, TARGET)]
        levels.append(care["reported"])
        records.append(
            {
                t("page.c_area"): page.area_of(area),
                t("services.c_care_2018"): t.number(care["reported"]),
                t("page.c_kind"): page.supply_tag(bool(care["allocated"])),
                t("services.c_care_needed"): banded(page, care, "needed"),
                t("services.c_care_add"): banded(page, care, "to_add_per_year"),
                t("services.c_workers_needed"): banded(page, workers, "needed"),
            }
        )
    shown = pd.DataFrame(records)
    elders = elders_at_launch(run.launch, run.settings.value("allocation.rule"))
    own = not all(frame.loc[(area, PURCHASED, TARGET), "allocated"] for area in run.project.counties)
    return join(
        [
            table(shown, t("services.counties_caption"), numeric=[shown.columns[1], *shown.columns[3:]]),
            page.note(
                "services.equity_reported" if own else "services.equity_allocated",
                gini=t.number(gini(np.array(levels) / elders, elders), 3),
            ),
        ]
    )
