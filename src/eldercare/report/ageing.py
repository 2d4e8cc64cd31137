"""Population page, second part: what moves the number of elders, dependency ratio, births and life expectancy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.model.demography import E0_EVERY, GROUP_STARTS, SEXES
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, join, table
from eldercare.report.page import Page

DRIVERS = ("turning_60", "deaths_60plus", "migration_60plus")
DRIVERS_UNTIL = 2035
E0_YEARS = (2030, 2040, 2050)
BIRTH_YEARS = (2021, 2030, 2040, 2050)
# Old-age dependency: elders from, and the ages that they are compared with.
RATIOS = ((60, 15, 59), (65, 15, 64))
RATIO_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)


def drivers(page: Page, area: str | None = None) -> pd.DataFrame:
    """Return the mean change of resident elders by year and driver; deaths are negative (persons a year)."""
    projection = page.run.projection(area)
    years = page.run.years[1:]
    means = {name: getattr(projection, name)["resident"].mean(axis=1) for name in DRIVERS}
    means["deaths_60plus"] = -means["deaths_60plus"]
    return pd.DataFrame(means, index=years)


def drivers_chart(page: Page) -> Chart:
    """Draw what adds to the elders and what takes away from them, year by year."""
    t, frame = page.t, drivers(page)
    net = frame.sum(axis=1)
    years = frame.index.to_numpy()
    colours = {"turning_60": style.BLUE, "deaths_60plus": style.GREY, "migration_60plus": style.ORANGE}
    with style.drawing():
        figure, ax = style.canvas(height=4.0)
        above, below = np.zeros(len(years)), np.zeros(len(years))
        for name in DRIVERS:
            values = frame[name].to_numpy() / 1000
            base = np.where(values >= 0, above, below)
            alpha = 0.5 if name == "deaths_60plus" else 0.9
            ax.bar(years, values, bottom=base, width=0.8, color=colours[name], alpha=alpha, lw=0)
            above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
        ax.plot(years, net / 1000, color=style.INK, marker="o", ms=3, lw=1.4)
        ax.axhline(0, color=style.INK, lw=0.8)
        top, bottom = above.max(), below.min()
        ax.set_ylim(bottom * 1.12, top * 1.32)
        style.count_axis(ax, t, t("population.axis_change"), 0 if top > 8 else 1)
        style.year_axis(ax, page.run.launch_year, int(years[-1]))
        labels = [(t(f"population.d_{name}"), colours[name]) for name in DRIVERS]
        for at, (text, colour) in enumerate([*labels, (t("population.d_net"), style.INK)]):
            ax.text(
                0.012 + 0.5 * (at % 2),
                0.955 - 0.075 * (at // 2),
                text,
                color=colour,
                transform=ax.transAxes,
                va="center",
            )
    most = int(net.idxmax())
    falling = net[net < 0]
    return Chart(
        "drivers",
        figure,
        t("population.drivers_title", area=page.area_name),
        t(
            "population.drivers_alt_falling" if len(falling) else "population.drivers_alt",
            area=page.area_name,
            most=most,
            up=t.rounded(net[most]),
            enter=t.rounded(frame.loc[most, "turning_60"]),
            die=t.rounded(-frame.loc[most, "deaths_60plus"]),
            fall=int(falling.index[0]) if len(falling) else "",
            last=int(years[-1]),
            end=t.rounded(net.iloc[-1]),
        ),
        t("population.drivers_source"),
        pd.DataFrame(
            {
                t("page.c_year"): [str(y) for y in years],
                **{t(f"population.c_{name}"): [t.number(v) for v in frame[name]] for name in DRIVERS},
                t("population.c_net"): [t.number(v) for v in net],
            }
        ),
        page.twin_label(),
    )


def drivers_table(page: Page) -> Html:
    """Return the growth of elders until 2035 split into turning 60, deaths and migration; all counties for the city."""
    t, run = page.t, page.run
    areas = run.areas if page.is_city else (run.area,)
    rows = []
    for area in areas:
        total = drivers(page, area).loc[:DRIVERS_UNTIL].sum()
        start = float(run.elders(area)[0].mean())
        rows.append(
            {
                t("page.c_area"): page.area_of(area),
                t("population.c_start", year=page.run.launch_year): t.number(start),
                **{t(f"population.c_{name}"): t.number(total[name]) for name in DRIVERS},
                t("population.c_end", year=DRIVERS_UNTIL): t.number(start + total.sum()),
            }
        )
    own = drivers(page).loc[:DRIVERS_UNTIL].sum()
    frame = pd.DataFrame(rows)
    sign = "in" if own["migration_60plus"] >= 0 else "out"
    return join(
        [
            page.note(
                f"population.drivers_said_{sign}",
                area=page.area_name,
                until=DRIVERS_UNTIL,
                enter=t.rounded(own["turning_60"]),
                die=t.rounded(-own["deaths_60plus"]),
                move=t.rounded(abs(own["migration_60plus"])),
                share=t.percent(abs(own["migration_60plus"]) / own["turning_60"]),
            ),
            table(
                frame,
                t("population.drivers_caption", first=page.run.launch_year, last=DRIVERS_UNTIL),
                numeric=list(frame.columns[1:]),
            ),
        ]
    )


def dependency(page: Page, elders: int, low: int, high: int) -> np.ndarray:
    """Return residents of an age and over per 100 aged low to high, shape (years, draws)."""
    population = page.run.projection().population["resident"].sum(axis=2)
    working = (GROUP_STARTS >= low) & (GROUP_STARTS < high)
    return population[:, GROUP_STARTS >= elders].sum(axis=1) / population[:, working].sum(axis=1) * 100


def dependency_chart(page: Page) -> Chart:
    """Draw both old-age dependency ratios with bands."""
    t, years = page.t, page.run.years
    values = {ages: np.quantile(dependency(page, *ages), [0.1, 0.5, 0.9], axis=1) for ages in RATIOS}
    colours = dict(zip(RATIOS, (style.BLUE, style.ORANGE), strict=True))
    with style.drawing():
        figure, ax = style.canvas(height=3.8)
        ends = []
        for ages, (low, middle, high) in values.items():
            ax.fill_between(years, low, high, color=colours[ages], alpha=0.18, lw=0)
            ax.plot(years, middle, color=colours[ages])
            name = t("population.ratio_label", elders=ages[0], low=ages[1], high=ages[2])
            ends.append((years[-1], middle[-1], name, colours[ages]))
        ax.set_ylim(0, None)
        style.count_axis(ax, t, t("population.axis_ratio"))
        style.year_axis(ax, int(years[0]), int(years[-1]))
        style.end_labels(ax, ends)
    first = values[RATIOS[0]]
    at = {year: int(np.searchsorted(years, year)) for year in RATIO_YEARS}
    columns = {}
    for ages, bands in values.items():
        name = t("population.c_ratio", elders=ages[0], low=ages[1], high=ages[2])
        columns[name] = [t.number(bands[1][i], 1) for i in at.values()]
        columns[f"{name}, {t('page.c_interval')}"] = [t.interval(bands[0][i], bands[2][i], 1) for i in at.values()]
    return Chart(
        "dependency",
        figure,
        t("population.dependency_title", area=page.area_name),
        t(
            "population.dependency_alt",
            area=page.area_name,
            start=t.number(first[1][0]),
            mid=t.number(first[1][at[2035]]),
            end=t.number(first[1][-1]),
            low=t.number(first[0][-1]),
            high=t.number(first[2][-1]),
        ),
        t("population.source"),
        pd.DataFrame({t("page.c_year"): [str(y) for y in at], **columns}),
        page.twin_label(),
    )


def births(page: Page) -> Html:
    """Return births of selected years with the sentence on what they do and do not change."""
    t, run = page.t, page.run
    draws = run.projection().births["resident"]
    rows = [
        (str(year), t.number(p50), t.interval(p10, p90))
        for year in BIRTH_YEARS
        for p10, p50, p90 in [np.quantile(draws[year - page.run.launch_year - 1], [0.1, 0.5, 0.9])]
    ]
    columns = [t("page.c_year"), t("population.c_births"), t("page.c_interval")]
    return join(
        [
            table(
                pd.DataFrame(rows, columns=columns),
                t("population.births_caption", area=page.area_name),
                numeric=columns[1:],
            ),
            page.note("population.births_note"),
        ]
    )


def life_expectancy(page: Page) -> Html:
    """Return life expectancy by sex with bands beside the United Nations' for China, and why they differ."""
    t, run = page.t, page.run
    e0 = run.projection().e0
    published = run.project.table("life_expectancy_projected").set_index("year")
    widths, rows = {}, []
    for year in E0_YEARS:
        drawn = e0[(year - page.run.launch_year) // E0_EVERY]
        row = {t("page.c_year"): str(year)}
        both = drawn.mean(axis=0)
        for name, values in (*((sex, drawn[s]) for s, sex in enumerate(SEXES)), ("both", both)):
            p10, p50, p90 = np.quantile(values, [0.1, 0.5, 0.9])
            row[t(f"population.e0_{name}", area=page.area_name)] = f"{t.number(p50, 1)} ({t.interval(p10, p90, 1)})"
        if year in published.index:
            un = published.loc[year]
            row[t("population.e0_un")] = f"{t.number(un['e0'], 1)} ({t.interval(un['e0_p10'], un['e0_p90'], 1)})"
            widths[year] = (np.quantile(both, 0.5) - un["e0"], p90 - p10, un["e0_p90"] - un["e0_p10"])
        else:
            row[t("population.e0_un")] = t("population.not_published")
        rows.append(row)
    frame = pd.DataFrame(rows)
    measured = run.project.table("life_expectancy")
    measured = measured[(measured["year"] == 2019) & (measured["sex"] == "total")].set_index("area")["e0"]
    last = max(widths)
    ahead, own, un = widths[last]
    lead = measured["huzhou"] - measured["china"]
    return join(
        [
            table(frame, t("population.e0_caption", area=page.area_name), numeric=list(frame.columns[1:])),
            page.note(
                "population.e0_note" if ahead < lead else "population.e0_note_faster",
                lead=t.number(lead, 1),
                year=last,
                ahead=t.number(ahead, 1),
                own=t.number(own, 1),
                un=t.number(un, 1),
            ),
        ]
    )
