"""Beds page: the ratio against the norm, supply against both kinds of demand, gaps by kind and county."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.care import beds_per_1000
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

SHOWN_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)
KINDS = ("institution", "home_care_centre", "all")
# A gap below this share of the demand counts as none.
NO_GAP = 0.01
COLOURS = {"institution": style.BLUE, "home_care_centre": style.GREEN, "all": style.INK}


def rows_of(page: Page, kind: str = "all") -> pd.DataFrame:
    """Return the beds frame of one kind, indexed by year."""
    frame = page.run.beds
    return frame[frame["bed_type"] == kind].set_index("year")


def own_crossing(page: Page) -> pd.Series:
    """Return the crossing row of the scenario's own norm."""
    frame = page.run.crossing
    return frame[frame["norm"] == float(page.run.settings.value("beds.norm"))].iloc[0]


def answer(page: Page) -> Html:
    """Return the answer of the page: when the norm is broken, and how many beds are missing in 2030."""
    t, all_beds, crossing = page.t, rows_of(page), own_crossing(page)
    first = int(all_beds.index[0])
    values = {
        "area": page.area_name,
        "norm": t.number(crossing["norm"]),
        "basis": t(f"beds.basis_{crossing['elders_basis']}"),
        "supply": t.number(all_beds["supply"].iloc[0]),
        "first": first,
        "last": int(all_beds.index[-1]),
        "ratio": t.number(all_beds.loc[2030, "beds_per_1000"]),
    }
    if pd.isna(crossing["crossing_year_p50"]):
        opening = t("beds.answer_never", **values)
    elif crossing["crossing_year_p50"] <= first:
        opening = t("beds.answer_already", **values)
    else:
        opening = t("beds.answer_crossing", year=int(crossing["crossing_year_p50"]), **values)
    closing = t(gap_key(all_beds.loc[2030]), **gap_values(page, all_beds.loc[2030]), **values)
    text = opening + t("page.space") + closing
    allocated = bool(all_beds["allocated"].iloc[0])
    return join(
        [
            element("p", text, cls="answer"),
            element(
                "p",
                Html(
                    page.supply_tag(allocated)
                    + " "
                    + element("span", t("beds.supply_allocated" if allocated else "beds.supply_reported"))
                ),
                cls="note",
            ),
        ]
    )


def gap_key(row: pd.Series) -> str:
    """Return the text that fits a gap and its 80% interval: short, enough, or not sure which."""
    if row["gap_ratio_p10"] < 0 < row["gap_ratio_p90"]:
        return "beds.answer_gap_unsure"
    return "beds.answer_gap_short" if row["gap_ratio_p50"] > 0 else "beds.answer_gap_enough"


def gap_values(page: Page, row: pd.Series) -> dict[str, str]:
    """Return the numbers of the sentence on a gap, without signs: the words say what is missing and what is spare."""
    low, high = sorted((abs(row["gap_ratio_p10"]), abs(row["gap_ratio_p90"])))
    spare, missing = -row["gap_ratio_p10"], row["gap_ratio_p90"]
    named = {"gap": abs(row["gap_ratio_p50"]), "low": low, "high": high, "spare": spare, "missing": missing}
    return {name: page.t.rounded(value) for name, value in named.items()}


def ratio_chart(page: Page) -> Chart:
    """Draw beds per 1,000 elders on both bases against the norm and the level of 2018."""
    t, run, rows = page.t, page.run, rows_of(page)
    years = rows.index.to_numpy()
    supply = rows["supply"].to_numpy()
    norm = float(run.settings.value("beds.norm"))
    bands = {
        b: np.quantile(beds_per_1000(supply[:, None], run.elders(basis=b)), [0.1, 0.5, 0.9], axis=1)
        for b in ("resident", "registered")
    }
    with style.drawing():
        figure, ax = style.canvas()
        ax.plot([years[0] - 0.5, years[-1]], [norm, norm], color=style.INK, lw=1.2)
        ax.fill_between(years, bands["resident"][0], bands["resident"][2], color=style.BLUE, alpha=0.18, lw=0)
        ax.plot(years, bands["resident"][1], color=style.BLUE)
        ax.plot(years, bands["registered"][1], color=style.ORANGE, ls=(0, (5, 2)))
        ax.set_ylim(0, max(65, bands["resident"].max() * 1.05, bands["registered"].max() * 1.05, norm * 1.1))
        style.count_axis(ax, t, t("beds.axis_ratio"))
        style.year_axis(ax, years[0], years[-1])
        ax.text(
            clearest_year(years, norm, [bands[b][1] for b in bands]),
            norm + 0.8,
            t("beds.line_norm", norm=t.number(norm)),
            ha="center",
            va="bottom",
            fontsize=9,
        )
        style.end_labels(
            ax,
            [
                (years[-1], bands["resident"][1][-1], t("beds.line_resident"), style.BLUE),
                (years[-1], bands["registered"][1][-1], t("beds.line_registered"), style.ORANGE),
            ],
        )
    at = {y: int(np.searchsorted(years, y)) for y in SHOWN_YEARS}
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in SHOWN_YEARS],
            t("beds.c_resident"): [t.number(bands["resident"][1][at[y]], 1) for y in SHOWN_YEARS],
            t("page.c_interval"): [
                t.interval(bands["resident"][0][at[y]], bands["resident"][2][at[y]], 1) for y in SHOWN_YEARS
            ],
            t("beds.c_registered"): [t.number(bands["registered"][1][at[y]], 1) for y in SHOWN_YEARS],
        }
    )
    return Chart(
        "ratio",
        figure,
        t("beds.ratio_title", area=page.area_name),
        t(
            "beds.ratio_alt",
            start=t.number(bands["resident"][1][0]),
            mid=t.number(bands["resident"][1][at[2030]]),
            end=t.number(bands["resident"][1][-1]),
            norm=t.number(norm),
        ),
        t("beds.source_allocated" if rows["allocated"].iloc[0] else "beds.source"),
        twin,
        page.twin_label(),
    )


def clearest_year(years: np.ndarray, level: float, lines: list[np.ndarray]) -> int:
    """Return the year, not too near the edges, in which lines keep most away from a level, for its label."""
    distance = np.min([np.abs(line - level) for line in lines], axis=0)[2:-2]
    return int(years[2:-2][distance.argmax()])


def demand_chart(page: Page) -> Chart:
    """Draw supply against demand by ratio and by need, for each kind of bed, on one scale."""
    t = page.t
    kinds = ("institution", "home_care_centre")
    frames = {kind: rows_of(page, kind) for kind in kinds}
    with style.drawing():
        figure, axes = style.canvas(1, 2, sharey=True, width=8.8, height=3.8)
        for ax, kind in zip(axes, kinds, strict=True):
            rows = frames[kind]
            years = rows.index.to_numpy()
            supply = rows["supply"].to_numpy()
            for ladder, colour in (("need", style.PURPLE), ("ratio", style.BLUE)):
                low, mid, high = (supply + rows[f"gap_{ladder}_{q}"].to_numpy() for q in ("p10", "p50", "p90"))
                ax.fill_between(years, low / 1000, high / 1000, color=colour, alpha=0.15, lw=0)
                ax.plot(years, mid / 1000, color=colour, ls="-" if ladder == "ratio" else (0, (5, 2)))
            ax.plot(years, supply / 1000, color=style.INK, lw=2.4)
            style.year_axis(ax, years[0], years[-1])
            ax.set_xticks([2020, 2030, 2040, 2050])
            ax.set_title(t(f"beds.kind_{kind}"))
            style.end_labels(
                ax,
                [
                    (years[-1], supply[-1] / 1000, t("beds.line_supply"), style.INK),
                    (
                        years[-1],
                        (supply[-1] + rows["gap_ratio_p50"].iloc[-1]) / 1000,
                        t("beds.line_demand_ratio"),
                        style.BLUE,
                    ),
                    (
                        years[-1],
                        (supply[-1] + rows["gap_need_p50"].iloc[-1]) / 1000,
                        t("beds.line_demand_need"),
                        style.PURPLE,
                    ),
                ],
                gap=0.075,
            )
        axes[0].set_ylim(0, None)
        style.count_axis(axes[0], t, t("beds.kind_institution"), 0 if axes[0].get_ylim()[1] > 6 else 1)
        axes[0].set_title(t("beds.kind_institution"), fontweight="bold", color=style.INK)
        axes[0].set_ylabel(t("beds.axis_thousands"))
    pieces = []
    for kind in kinds:
        gaps = frames[kind].loc[2035]
        pieces.append(
            t(
                "beds.demand_alt_kind",
                kind=t(f"beds.kind_{kind}"),
                ratio=_gap(page, gaps["gap_ratio_p50"]),
                need=_gap(page, gaps["gap_need_p50"]),
            )
        )
    records = []
    for kind in kinds:
        for year in SHOWN_YEARS:
            row = frames[kind].loc[year]
            records.append(
                {
                    t("beds.c_kind"): t(f"beds.kind_{kind}"),
                    t("page.c_year"): str(year),
                    t("beds.c_supply"): t.number(row["supply"]),
                    t("beds.c_demand_ratio"): t.number(row["demand_ratio"]),
                    t("beds.c_demand_need"): t.number(row["demand_need"]),
                }
            )
    return Chart(
        "demand",
        figure,
        t("beds.demand_title", area=page.area_name),
        t("beds.demand_alt", pieces=t("page.semicolon").join(pieces)),
        t("beds.source_allocated" if frames["institution"]["allocated"].iloc[0] else "beds.source"),
        pd.DataFrame(records),
        page.twin_label(),
    )


def _gap(page: Page, value: float) -> str:
    t = page.t
    return t("beds.short" if value > 0 else "beds.spare", n=t.rounded(abs(value)))


def gap_table(page: Page) -> Html:
    """Return the gaps by kind for selected years with 80% intervals; positive is a shortage."""
    t = page.t
    records = []
    for year in (2025, 2030, 2035, 2050):
        for kind in KINDS:
            row = rows_of(page, kind).loc[year]
            records.append(
                {
                    t("page.c_year"): str(year),
                    t("beds.c_kind"): t(f"beds.kind_{kind}"),
                    t("beds.c_supply"): t.number(row["supply"]),
                    **{
                        t(f"beds.c_gap_{ladder}"): f"{t.number(row[f'gap_{ladder}_p50'])} "
                        f"({t.interval(row[f'gap_{ladder}_p10'], row[f'gap_{ladder}_p90'])})"
                        for ladder in ("ratio", "need")
                    },
                }
            )
    frame = pd.DataFrame(records)
    return table(frame, t("beds.gap_caption", area=page.area_name), numeric=list(frame.columns[2:]))


def crossing_table(page: Page) -> Html:
    """Return the crossing year for each norm, with probabilities and the beds per year that hold it."""
    t = page.t
    records = []
    for row in page.run.crossing.itertuples():
        records.append(
            {
                t("beds.c_norm"): t.number(row.norm),
                t("beds.c_crossing"): year_text(page, row.crossing_year_p50),
                t("page.c_interval"): " \N{EN DASH} ".join(
                    dict.fromkeys(year_text(page, year) for year in (row.crossing_year_p10, row.crossing_year_p90))
                ),
                t("beds.c_crossing_registered"): year_text(page, row.crossing_year_registered_p50),
                **{
                    t("beds.c_probability", year=year): t.percent(getattr(row, f"probability_by_{year}"), 0)
                    for year in (2025, 2030, 2035)
                },
                t("beds.c_per_year"): t.number(row.beds_per_year_to_hold),
                t("beds.c_per_year_80"): t.number(row.beds_per_year_to_hold_80),
            }
        )
    frame = pd.DataFrame(records)
    first = page.run.settings.value("supply.first_year")
    parts = [
        table(frame, t("beds.crossing_caption", area=page.area_name), numeric=list(frame.columns[1:])),
        page.note("beds.crossing_note", first=int(first)),
    ]
    # On a county's page it would change with every other county.
    return join([*parts, first_county(page)] if page.is_city else parts)


def first_county(page: Page) -> Html:
    """Name the county that runs short first, with the probability that no other does so earlier."""
    t, frame, years = page.t, page.run.first_short, page.run.years
    already = [page.area_of(area) for area in frame.loc[frame["already"], "area"]]
    later = frame[~frame["already"] & frame["crossing_year_p50"].notna()]
    values = {"first": int(years[0]), "last": int(years[-1])}
    sentences = []
    if len(already) == len(frame):
        sentences.append(t("beds.first_all", **values))
    elif already:
        sentences.append(t("beds.first_already", areas=t.join(already), **values))
    if len(later):
        top = later.loc[later["probability_first"].idxmax()]
        sentences.append(
            t(
                "beds.first_next" if already else "beds.first_county",
                area=page.area_of(top["area"]),
                year=int(top["crossing_year_p50"]),
                probability=t.percent(top["probability_first"], 0),
            )
        )
    elif len(already) < len(frame):
        sentences.append(t("beds.first_no_other" if already else "beds.first_none", **values))
    if page.run.split("beds_institutional").allocated[frame["area"].iloc[0]]:
        sentences.append(t("beds.first_allocated"))
    return element("p", t("page.space").join(sentences))


def year_text(page: Page, year: float) -> str:
    """Return a crossing year in words: a year, already below at the start, or not within the horizon."""
    years = page.run.years
    if pd.isna(year):
        return page.t("beds.never", last=int(years[-1]))
    return page.t("beds.already", first=int(years[0])) if year <= years[0] else str(int(year))


def counties_chart(page: Page) -> Chart:
    """Draw the gap of each county in 2030 and 2035 by ratio, ranked, with 80% intervals."""
    t, run = page.t, page.run
    frame = run.everywhere("beds")
    rows = frame[(frame["bed_type"] == "all") & frame["area"].isin(run.project.counties)]
    rows = rows[rows["year"] == 2035].sort_values("gap_ratio_p50")
    with style.drawing():
        figure, ax = style.canvas(height=3.2)
        y = np.arange(len(rows))
        mid = rows["gap_ratio_p50"].to_numpy()
        ax.barh(y, mid, color=[style.ORANGE if v > 0 else style.GREEN for v in mid], alpha=0.85, height=0.55, lw=0)
        ax.errorbar(
            mid,
            y,
            xerr=[mid - rows["gap_ratio_p10"], rows["gap_ratio_p90"] - mid],
            fmt="none",
            ecolor=style.INK,
            elinewidth=1.2,
            capsize=3,
        )
        reach = max(rows["gap_ratio_p90"].max(), 0) * 1.02
        for i, value in enumerate(mid):
            ax.text(rows["gap_ratio_p90"].iloc[i] + reach * 0.02, i, t.number(value), va="center", fontsize=9)
        ax.axvline(0, color=style.INK, lw=1)
        ax.set_yticks(y, [page.area_of(a) for a in rows["area"]])
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x")
        ax.margins(x=0.12)
        ax.xaxis.set_major_formatter(lambda v, _: t.number(v))
        ax.set_xlabel(t("beds.axis_gap"))
    top = rows.iloc[-1]
    per = rows.assign(rate=rows["gap_ratio_p50"] / rows["elders_60plus"] * 1000).sort_values("rate").iloc[-1]
    twin = pd.DataFrame(
        {
            t("page.c_area"): [page.area_of(a) for a in rows["area"][::-1]],
            t("beds.c_supply_allocated"): [t.number(v) for v in rows["supply"][::-1]],
            t("beds.c_gap_ratio"): [t.number(v) for v in mid[::-1]],
            t("page.c_interval"): [
                t.interval(a, b) for a, b in zip(rows["gap_ratio_p10"][::-1], rows["gap_ratio_p90"][::-1], strict=True)
            ],
        }
    )
    return Chart(
        "county-gaps",
        figure,
        t("beds.counties_title"),
        t(
            "beds.counties_alt",
            top=page.area_of(top["area"]),
            gap=_gap(page, top["gap_ratio_p50"]),
            worst=page.area_of(per["area"]),
            rate=t.number(per["rate"], 1),
        ),
        t("beds.source_allocated"),
        twin,
        page.twin_label(),
    )


def comparison(page: Page) -> Chart | Html:
    """Return the county comparison on the city's page, a pointer to it on a county's."""
    return counties_chart(page) if page.is_city else page.note("page.see_city")


def year_ranges(page: Page, years: list[int]) -> str:
    """Return ascending years as ranges: 2021–2024, 2030."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return page.t.join([str(a) if a == b else f"{a}\N{EN DASH}{b}" for a, b in runs])


def disagreeing(rows: pd.DataFrame) -> dict[str, list[int]]:
    """Return the years in which the ladders disagree whether beds are missing.

    ``idle``: the norm is missed and need is met; ``queue``: the norm is met and need is not. A gap below
    1% of the demand is no shortage.
    """
    by_norm = rows["gap_ratio_p50"] > NO_GAP * rows["demand_ratio"]
    by_need = rows["gap_need_p50"] > NO_GAP * rows["demand_need"]
    return {
        "idle": [int(year) for year in rows["year"][by_norm & ~by_need]],
        "queue": [int(year) for year in rows["year"][by_need & ~by_norm]],
    }


def disagreement(page: Page) -> Html:
    """Name the counties and years in which the two ladders disagree, and by how many beds in 2035."""
    t, run = page.t, page.run
    frame = run.everywhere("beds") if page.is_city else run.beds
    areas = run.members()
    items = []
    for kind in KINDS:
        sentences = []
        found = {area: disagreeing(frame[(frame["area"] == area) & (frame["bed_type"] == kind)]) for area in areas}
        for case in ("queue", "idle"):
            places = [(area, year_ranges(page, years[case])) for area, years in found.items() if years[case]]
            if len(places) == len(areas) > 1 and len({spans for _, spans in places}) == 1:
                places = [(None, places[0][1])]
            if places:
                named = [
                    t("beds.place_years", area=page.area_of(area) if area else t("beds.all_counties"), years=spans)
                    for area, spans in places
                ]
                sentences.append(t(f"beds.ladders_{case}", places=t("page.semicolon").join(named)))
        if not sentences:
            sentences.append(t("beds.ladders_agree"))
        row = rows_of(page, kind).loc[2035]
        difference = row["demand_need"] - row["demand_ratio"]
        key = "beds.need_above" if difference > 0 else "beds.need_below"
        sentences.append(t(key, area=page.area_name, n=t.rounded(abs(difference))))
        text = element("strong", t(f"beds.kind_{kind}") + t("page.colon")) + t("page.space").join(
            str(element("span", sentence)) for sentence in sentences
        )
        items.append(element("li", Html(text)))
    return element("ul", join(items), cls="findings")
