"""Beds page, institutions: need, demand and use, the queue, and how full homes can be run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eldercare.model.supply import BED_TYPES
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

NEED_YEARS = (2020, 2025, 2030, 2035, 2050)
QUEUE_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)
# The two ways in which elders may ask for a place, with the ending of their columns.
CASES = {"today": "_as_today", "need": ""}
# Fewer waiting than this share of the residents is turnover, not a queue.
QUEUE_FROM = 0.01


def institution_rows(page: Page) -> pd.DataFrame:
    """Return the beds frame of institutions, indexed by year."""
    frame = page.run.beds
    return frame[frame["bed_type"] == "institution"].set_index("year")


def need_draws(page: Page) -> dict[str, np.ndarray]:
    """Return elders (years, draws) in need in all and by setting, and those who ask for a place as today."""
    run = page.run
    members = run.members()
    settings = {
        setting: sum(run.counties[c].need.dependents * run.counties[c].need.shares[setting] for c in members)
        for setting in ("home", *reversed(BED_TYPES))
    }
    return {
        "dependents": sum(run.counties[c].need.dependents for c in members),
        **settings,
        "demand": sum(run.counties[c].institutions.demand for c in members),
    }


def need_table(page: Page) -> Html:
    """Return need, demand and use as three numbers, with the sentence that compares them today."""
    t, years = page.t, page.run.years
    draws = need_draws(page)
    use = sum(page.run.counties[c].institutions.use for c in page.run.members())
    columns = [str(year) for year in NEED_YEARS]
    records = []
    for name, values in draws.items():
        cells = np.quantile(values[[year - years[0] for year in NEED_YEARS]], [0.1, 0.5, 0.9], axis=1).T
        text = [banded(page, *cell) for cell in cells]
        records.append({t("beds.c_persons"): t(f"beds.row_{name}"), **dict(zip(columns, text, strict=True))})
    low, mid, high = np.quantile(use, [0.1, 0.5, 0.9])
    known = [banded(page, low, mid, high), *[t("beds.use_unknown")] * (len(columns) - 1)]
    records.append({t("beds.c_persons"): t("beds.row_use"), **dict(zip(columns, known, strict=True))})
    need = float(np.median(draws["institution"][0]))
    beds = float(institution_rows(page)["supply"].iloc[0])
    return join(
        [
            page.note(
                "beds.need_above_use" if need > mid else "beds.need_below_use",
                cls="",
                area=page.area_name,
                need=t.rounded(need),
                use=t.rounded(mid),
                beds=t.rounded(beds),
                occupancy=t.percent(mid / beds, 0),
                source=t(f"beds.occupancy_{origin(page, 'beds.occupancy_institution_now')}"),
            ),
            table(pd.DataFrame(records), t("beds.need_caption", area=page.area_name), numeric=columns),
            page.note(f"beds.morbidity_{page.run.settings.value('need.morbidity')}"),
        ]
    )


def origin(page: Page, key: str) -> str:
    """Say whether a value is the ``national`` one of the defaults or was ``given`` for the area or the scenario."""
    return "national" if len(page.run.settings[key].trail) == 1 else "given"


def banded(page: Page, low: float, mid: float, high: float) -> Html:
    """Return a number with its 80% interval below it."""
    return Html(page.t.number(mid) + "<br>" + element("small", page.t.interval(low, high)))


def sourced(page: Page, key: str) -> str:
    """Return a source line, and that the beds are allocated where they are."""
    t = page.t
    allocated = bool(institution_rows(page)["allocated"].iloc[0])
    return t(key) + (t("page.space") + t("beds.also_allocated") if allocated else "")


def full_from(rows: pd.DataFrame, ending: str) -> int | None:
    """Return the first year with a queue in the median, or None."""
    queue = rows[f"waiting{ending}_p50"] > QUEUE_FROM * rows[f"residents{ending}_p50"]
    return int(queue.idxmax()) if queue.any() else None


def queue_sentence(page: Page, rows: pd.DataFrame, case: str) -> str:
    """Say when institutions are full and how many wait in 2035."""
    t, ending = page.t, CASES[case]
    full, last = full_from(rows, ending), int(rows.index[-1])
    values = {
        "case": t(f"beds.case_{case}"),
        "year": full,
        "last": last,
        "waiting": t.rounded(rows.loc[2035, f"waiting{ending}_p50"]),
        "low": t.rounded(rows.loc[2035, f"waiting{ending}_p10"]),
        "high": t.rounded(rows.loc[2035, f"waiting{ending}_p90"]),
        "occupancy": t.percent(rows[f"residents{ending}_p50"].iloc[-1] / rows["supply"].iloc[-1], 0),
    }
    if full is None:
        return t("beds.queue_never", **values)
    if full > 2035:
        return t("beds.queue_later", **values)
    return t("beds.queue_full", **values)


def queue_chart(page: Page) -> Chart:
    """Draw residents, beds and waiting if as many ask as today, and if all in need ask."""
    t, rows = page.t, institution_rows(page)
    years = rows.index.to_numpy()
    with style.drawing():
        figure, axes = style.canvas(1, 2, sharey=True, width=8.8, height=3.9)
        labels = []
        for ax, (case, ending) in zip(axes, CASES.items(), strict=True):
            ends = [(years[-1], rows["supply"].iloc[-1] / 1000, t("beds.line_beds"), style.INK)]
            for stock, colour in (("residents", style.BLUE), ("waiting", style.ORANGE)):
                low, mid, high = (rows[f"{stock}{ending}_{q}"].to_numpy() / 1000 for q in ("p10", "p50", "p90"))
                ax.fill_between(years, low, high, color=colour, alpha=0.16, lw=0)
                ax.plot(years, mid, color=colour, ls="-" if stock == "residents" else (0, (5, 2)))
                ends.append((years[-1], mid[-1], t(f"beds.line_{stock}"), colour))
            ax.plot(years, rows["supply"] / 1000, color=style.INK, lw=2.4)
            style.year_axis(ax, years[0], years[-1])
            ax.set_xticks([2020, 2030, 2040, 2050])
            ax.set_title(t(f"beds.panel_{case}"))
            labels.append(ends)
        axes[0].set_ylim(0, None)
        style.count_axis(axes[0], t, "", 0 if axes[0].get_ylim()[1] > 6 else 1)
        axes[0].set_title(t("beds.panel_today"), fontweight="bold", color=style.INK)
        axes[0].set_ylabel(t("beds.axis_thousands_both"))
        for ax, ends in zip(axes, labels, strict=True):
            style.end_labels(ax, ends, gap=0.075)
    records = [
        {
            t("page.c_year"): str(year),
            t("beds.c_supply"): t.number(rows.loc[year, "supply"]),
            **{
                t(f"beds.c_{stock}_{case}"): t.number(rows.loc[year, f"{stock}{ending}_p50"])
                for case, ending in CASES.items()
                for stock in ("residents", "waiting")
            },
        }
        for year in QUEUE_YEARS
    ]
    return Chart(
        "queue",
        figure,
        t("beds.queue_title", area=page.area_name),
        t("page.space").join(queue_sentence(page, rows, case) for case in CASES),
        sourced(page, "beds.queue_source"),
        pd.DataFrame(records),
        page.twin_label(),
    )


def smallest(frame: pd.DataFrame, target: float) -> int | None:
    """Return the smallest home of the table that can be run at a target occupancy, or None."""
    enough = frame[frame["occupancy"] >= target]
    return int(enough["beds"].min()) if len(enough) else None


def margin_table(page: Page) -> Html:
    """Return how full homes of several sizes can be run, with what that means for the target occupancy."""
    t, run = page.t, page.run
    frame = run.occupancy_margin
    target = float(run.settings.value("beds.occupancy_institution"))
    first, mean = frame.iloc[0], frame.iloc[-1]
    size = smallest(frame, target)
    values = {
        "mean": t.number(mean["beds"]),
        "mean_occupancy": t.percent(mean["occupancy"], 0),
        "small": t.number(first["beds"]),
        "small_occupancy": t.percent(first["occupancy"], 0),
        "allowed": t.percent(float(run.settings.value("beds.turned_away")), 0),
        "target": t.percent(target, 0),
        "size": t.number(size or 0),
    }
    key = "beds.margin_none" if size is None else "beds.margin_all" if size == first["beds"] else "beds.margin_some"
    shown = pd.DataFrame(
        {
            t("beds.c_home"): [t.number(n) for n in frame["beds"][:-1]]
            + [t("beds.home_mean", n=t.number(mean["beds"]))],
            t("beds.c_occupancy"): [t.percent(v) for v in frame["occupancy"]],
            t("beds.c_beds_per_100"): _per_100(page, frame["occupancy"]),
        }
    )
    return join(
        [
            page.note("beds.margin_said", cls="", **values),
            page.note(key, cls="", **values),
            table(shown, t("beds.margin_caption", allowed=values["allowed"]), numeric=list(shown.columns[1:])),
        ]
    )


def _per_100(page: Page, occupancy: Sequence[float]) -> list[str]:
    return [page.t.number(np.ceil(100 / value)) for value in occupancy]
