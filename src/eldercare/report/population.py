"""Population page: elders by year, the age pyramid, the wave of cohorts, and checks against published counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eldercare.model.demography import GROUP_STARTS, GROUPS
from eldercare.model.draws import quantile_error
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

SHOWN_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)
PYRAMID_YEARS = (2020, 2030, 2050)
AGE_COLOURS = {"60+": style.BLUE, "65+": style.GREEN, "80+": style.PURPLE}
ERROR_YEARS = (2030, 2035)


def elders_by_year(page: Page, basis: str = "resident", group: str = "60+") -> pd.DataFrame:
    """Return rows of the population frame for one broad age group, both sexes, indexed by year."""
    frame = page.run.population
    rows = frame[(frame["basis"] == basis) & (frame["age_group"] == group) & (frame["sex"] == "total")]
    return rows.set_index("year")


def answer(page: Page) -> Html:
    """Return the answer of the page: how many elders now, in 2030 and at the peak."""
    t, rows = page.t, elders_by_year(page)
    peak = int(rows["p50"].idxmax())
    last = int(rows.index[-1])
    key = "population.answer_peak" if peak < last else "population.answer_growing"
    return element(
        "p",
        t(
            key,
            area=page.area_name,
            start=t.rounded(rows.loc[2020, "p50"]),
            mid=t.rounded(rows.loc[2030, "p50"]),
            low=t.rounded(rows.loc[2030, "p10"]),
            high=t.rounded(rows.loc[2030, "p90"]),
            growth=t.percent(rows.loc[2030, "p50"] / rows.loc[2020, "p50"] - 1, 0),
            peak=peak,
            last=last,
            top=t.rounded(rows.loc[peak, "p50"]),
        ),
        cls="answer",
    )


def elders_chart(page: Page) -> Chart:
    """Draw elders 60+ on both bases with bands, and the published registered counts."""
    t = page.t
    resident, registered = elders_by_year(page), elders_by_year(page, "registered")
    published = published_elders(page)
    years = resident.index.to_numpy()
    with style.drawing():
        figure, ax = style.canvas()
        ax.fill_between(years, resident["p10"] / 1000, resident["p90"] / 1000, color=style.BLUE, alpha=0.18, lw=0)
        ax.plot(years, resident["p50"] / 1000, color=style.BLUE)
        ax.plot(years, registered["p50"] / 1000, color=style.ORANGE, ls=(0, (5, 2)))
        if not published.empty:
            ax.plot(
                published["year"],
                published["value"] / 1000,
                "o",
                color="white",
                ms=6.5,
                mec=style.ORANGE,
                mew=1.8,
                zorder=5,
            )
        ax.set_ylim(0, None)
        style.count_axis(ax, t, t("population.axis_elders"))
        style.year_axis(ax, years[0], years[-1])
        ax.set_xlim(years[0] - 1.5, None)
        ends = [
            (years[-1], resident["p50"].iloc[-1] / 1000, t("population.line_resident"), style.BLUE),
            (
                years[-1],
                registered["p50"].iloc[-1] / 1000,
                t("population.line_registered" if published.empty else "population.line_registered_dots"),
                style.ORANGE,
            ),
        ]
        style.end_labels(ax, ends)
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(y) for y in SHOWN_YEARS],
            t("population.c_resident"): [t.number(resident.loc[y, "p50"]) for y in SHOWN_YEARS],
            t("page.c_interval"): [t.interval(resident.loc[y, "p10"], resident.loc[y, "p90"]) for y in SHOWN_YEARS],
            t("population.c_registered"): [t.number(registered.loc[y, "p50"]) for y in SHOWN_YEARS],
        }
    )
    wide = (resident.loc[2050, "p90"] - resident.loc[2050, "p10"]) / resident.loc[2050, "p50"]
    return Chart(
        "elders",
        figure,
        t("population.elders_title", area=page.area_name),
        t(
            "population.elders_alt" if published.empty else "population.elders_alt_published",
            area=page.area_name,
            start=t.rounded(resident.loc[2020, "p50"]),
            end=t.rounded(resident.loc[2050, "p50"]),
            width=t.percent(wide, 0),
        ),
        t("population.source"),
        twin,
        page.twin_label(),
    )


def published_elders(page: Page) -> pd.DataFrame:
    """Return published registered 60+ of the area from the launch year on: year, value (persons)."""
    table_ = page.run.project.table("registered_population")
    rows = table_[(table_["area"] == page.run.area) & (table_["indicator"] == "registered_60plus") & table_["used"]]
    rows = rows[rows["year"] >= 2019][["year", "value"]]
    return rows.sort_values("year").reset_index(drop=True)


def pyramid_chart(page: Page) -> Chart:
    """Draw the resident age pyramid of the launch year, and its outlines in two later years."""
    t, frame = page.t, page.run.population
    rows = frame[(frame["basis"] == "resident") & frame["age_group"].isin(GROUPS)]
    shapes = {
        year: rows[rows["year"] == year].pivot(index="age_group", columns="sex", values="p50").loc[GROUPS] / 1000
        for year in PYRAMID_YEARS
    }
    first, second, third = PYRAMID_YEARS
    lines = {second: style.ORANGE, third: style.BLUE}
    y = np.arange(len(GROUPS))
    with style.drawing():
        figure, axes = style.canvas(1, 2, height=4.6, sharey=True)
        limit = max(shape[["female", "male"]].to_numpy().max() for shape in shapes.values()) * 1.05
        for ax, sex in zip(axes, ("male", "female"), strict=True):
            ax.barh(y, shapes[first][sex], color=style.GREY, alpha=0.35, height=0.9, lw=0)
            for year, colour in lines.items():
                outline = shapes[year][sex].to_numpy()
                ax.step(
                    np.append(outline, outline[-1]), np.append(y, len(GROUPS)) - 0.5, where="pre", color=colour, lw=1.6
                )
            ax.set_xlim((limit, 0) if sex == "male" else (0, limit))
            ax.grid(axis="x")
            ax.grid(visible=False, axis="y")
            ax.xaxis.set_major_formatter(lambda v, _: t.number(v))
            ax.set_title(t(f"population.{sex}"))
            ax.set_xlabel(t("population.axis_thousands"))
        axes[0].set_yticks(y[::2], GROUPS[::2])
        axes[0].yaxis.tick_right()
        axes[1].tick_params(labelleft=False)
        for at, (key, year, colour) in enumerate(
            (("now", first, style.GREY), ("next", second, style.ORANGE), ("then", third, style.BLUE))
        ):
            axes[1].text(
                0.99,
                0.96 - 0.06 * at,
                t(f"population.pyramid_{key}", year=year),
                color=colour,
                ha="right",
                transform=axes[1].transAxes,
            )
    broad = GROUP_STARTS >= 60
    share = [
        t.percent(float(shape["total"].to_numpy()[broad].sum() / shape["total"].sum()), 0) for shape in shapes.values()
    ]
    twin = pd.DataFrame(
        {
            t("population.c_age"): GROUPS,
            **{
                f"{t(f'population.{sex}')} {year}": [t.number(v * 1000) for v in shape[sex]]
                for year, shape in shapes.items()
                for sex in ("male", "female")
            },
        }
    )
    return Chart(
        "pyramid",
        figure,
        t("population.pyramid_title", area=page.area_name, years=t.join([str(year) for year in PYRAMID_YEARS])),
        t(
            "population.pyramid_alt",
            area=page.area_name,
            now=share[0],
            next=share[1],
            then=share[2],
            first=first,
            second=second,
            third=third,
        ),
        t("population.source"),
        twin,
        page.twin_label(),
    )


def entrants_chart(page: Page) -> Chart:
    """Draw the residents who turn 60 each year: the wave of the cohorts born 1962-1975."""
    t, run = page.t, page.run
    launch = run.launch
    rows = [i for i, county in enumerate(launch.counties) if county in run.members()]
    by_age = launch.resident[rows].sum(axis=(0, 2))
    ages = np.arange(59, 29, -1)
    years = 2020 + 60 - ages
    with style.drawing():
        figure, ax = style.canvas(height=3.5)
        wave = (years - 60 >= 1962) & (years - 60 <= 1975)
        ax.bar(
            years,
            by_age[ages] / 1000,
            color=[style.BLUE if w else style.GREY for w in wave],
            width=0.8,
            alpha=0.85,
            lw=0,
        )
        style.count_axis(ax, t, t("population.axis_entrants"), 0 if by_age[ages].max() > 8000 else 1)
        style.year_axis(ax, 2020, 2050)
        ax.text(2022, by_age[ages].max() / 1000 * 1.06, t("population.wave"), color=style.BLUE, ha="left")
        ax.set_ylim(0, by_age[ages].max() / 1000 * 1.15)
    low, high = int(years[:3][by_age[ages][:3].argmin()]), int(years[:8][by_age[ages][:8].argmax()])
    twin = pd.DataFrame(
        {
            t("page.c_year"): [str(v) for v in years],
            t("population.c_born"): [str(v - 60) for v in years],
            t("population.c_persons"): [t.number(v) for v in by_age[ages]],
        }
    )
    return Chart(
        "entrants",
        figure,
        t("population.entrants_title", area=page.area_name),
        t(
            "population.entrants_alt",
            low=low,
            few=t.rounded(by_age[2020 + 60 - low]),
            high=high,
            many=t.rounded(by_age[2020 + 60 - high]),
        ),
        t("population.entrants_source"),
        twin,
        page.twin_label(),
    )


def counties_chart(page: Page) -> Chart:
    """Draw elders 60+ of each county relative to the launch year, one scale, ranked by pace."""
    t, run = page.t, page.run
    years = run.years
    bands = {
        c: np.quantile(run.elders(c) / run.elders(c)[0] * 100, [0.1, 0.5, 0.9], axis=1) for c in run.project.counties
    }
    paths = {c: band[1] for c, band in bands.items()}
    at = int(np.searchsorted(years, 2035))
    ranked = sorted(paths, key=lambda c: -paths[c][at])
    with style.drawing():
        figure, axes = style.canvas(1, len(ranked), width=8.6, height=2.9, sharey=True)
        for ax, county in zip(axes, ranked, strict=True):
            for other in ranked:
                ax.plot(years, paths[other], color=style.RULE, lw=1)
            ax.fill_between(years, bands[county][0], bands[county][2], color=style.BLUE, alpha=0.18, lw=0)
            ax.plot(years, paths[county], color=style.BLUE)
            ax.set_title(page.area_of(county), color=style.INK)
            ax.set_xticks([2020, 2035, 2050], ["2020", "2035", "2050"])
            ax.text(2034, paths[county][at] + 9, t.number(paths[county][at]), ha="right", fontsize=9, color=style.BLUE)
            ax.plot(2035, paths[county][at], "o", ms=4, color=style.BLUE)
        axes[0].yaxis.set_major_formatter(lambda v, _: t.number(v))
    twin = pd.DataFrame(
        {
            t("page.c_area"): [page.area_of(c) for c in ranked],
            **{str(y): [t.number(paths[c][int(np.searchsorted(years, y))]) for c in ranked] for y in SHOWN_YEARS[1:]},
        }
    )
    ups = {c: t.percent(paths[c][at] / 100 - 1, 0) for c in ranked}
    fast, slow = ranked[0], ranked[-1]
    alt = t("population.counties_alt", fast=page.area_of(fast), slow=page.area_of(slow), up=ups[fast], less=ups[slow])
    return Chart(
        "counties", figure, t("population.counties_title"), alt, t("population.source"), twin, page.twin_label()
    )


def comparison(page: Page) -> Chart | Html:
    """Return the county comparison on the city's page, a pointer to it on a county's."""
    return counties_chart(page) if page.is_city else page.note("page.see_city")


def ages_chart(page: Page) -> Chart:
    """Draw residents aged 60, 65 and 80 and over with bands."""
    t = page.t
    rows = {group: elders_by_year(page, group=group) for group in AGE_COLOURS}
    years = rows["60+"].index.to_numpy()
    with style.drawing():
        figure, ax = style.canvas()
        ends = []
        for group, colour in AGE_COLOURS.items():
            own = rows[group]
            ax.fill_between(years, own["p10"] / 1000, own["p90"] / 1000, color=colour, alpha=0.18, lw=0)
            ax.plot(years, own["p50"] / 1000, color=colour)
            ends.append((years[-1], own["p50"].iloc[-1] / 1000, t("population.age_label", age=group[:-1]), colour))
        ax.set_ylim(0, None)
        style.count_axis(ax, t, t("population.axis_ages"))
        style.year_axis(ax, years[0], years[-1])
        style.end_labels(ax, ends)
    times = {group: own["p50"].iloc[-1] / own["p50"].iloc[0] for group, own in rows.items()}
    return Chart(
        "ages",
        figure,
        t("population.ages_title", area=page.area_name),
        t(
            "population.ages_alt",
            area=page.area_name,
            old=t.number(times["80+"], 1),
            mid=t.number(times["65+"], 1),
            all=t.number(times["60+"], 1),
            last=int(years[-1]),
        ),
        t("population.source"),
        pd.DataFrame(
            {
                t("page.c_year"): [str(y) for y in SHOWN_YEARS],
                **{
                    t("population.age_label", age=group[:-1]): [t.number(own.loc[y, "p50"]) for y in SHOWN_YEARS]
                    for group, own in rows.items()
                },
            }
        ),
        page.twin_label(),
    )


def groups_table(page: Page) -> Html:
    """Return elders 60+, 65+ and 80+ with bands for selected years."""
    t = page.t
    rows = []
    for year in SHOWN_YEARS:
        row = {t("page.c_year"): str(year)}
        for group in ("60+", "65+", "80+"):
            values = elders_by_year(page, group=group).loc[year]
            number = t.number(values["p50"])
            known = np.isclose(values["p10"], values["p90"])
            row[t("population.c_group", group=group)] = (
                number if known else f"{number} ({t.interval(values['p10'], values['p90'])})"
            )
        rows.append(row)
    frame = pd.DataFrame(rows)
    return table(frame, t("population.groups_caption", area=page.area_name), numeric=list(frame.columns[1:]))


def checks(page: Page) -> Html:
    """Return the model beside published counts that it was not fitted to, and those that it was."""
    t, run = page.t, page.run
    rows = []

    def add(what: str, year: int, modelled: float, published: float, fitted: bool) -> None:
        rows.append(
            {
                t("population.c_check"): what,
                t("page.c_year"): str(year),
                t("population.c_model"): t.number(modelled),
                t("population.c_published"): t.number(published),
                t("population.c_error"): t.percent(modelled / published - 1, 1),
                t("population.c_role"): page.tag("fitted" if fitted else "independent"),
            }
        )

    years = run.years
    registered = elders_by_year(page, "registered")
    for row in published_elders(page).itertuples():
        if row.year in years:
            add(t("population.check_registered_60"), row.year, registered.loc[row.year, "p50"], row.value, False)
    if page.is_city:
        shares = run.project.table("registered_population").query(
            "area == 'huzhou' and indicator == 'share_60plus_registered' and year == 2023"
        )
        total = elders_by_year(page, "registered", "all")
        for row in shares.itertuples():
            modelled = registered.loc[row.year, "p50"] / total.loc[row.year, "p50"] * 100
            rows.append(
                {
                    t("population.c_check"): t("population.check_share"),
                    t("page.c_year"): str(row.year),
                    t("population.c_model"): f"{modelled:.2f}%",
                    t("population.c_published"): f"{row.value:.2f}%",
                    t("population.c_error"): t("population.points", n=t.number(modelled - row.value, 2)),
                    t("population.c_role"): page.tag("independent"),
                }
            )
        events = run.project.table("vital_events").query("area == 'huzhou' and basis == 'resident' and year == 2021")
        projection = run.projection()
        at = int(np.searchsorted(years, 2021)) - 1
        for indicator, fitted in (("deaths", False), ("births", True)):
            value = float(events.query("indicator == @indicator")["value"].iloc[0])
            modelled = float(np.median(getattr(projection, indicator)["resident"][at]))
            add(t(f"population.check_{indicator}"), 2021, modelled, value, fitted)
        residents = elders_by_year(page, "resident", "all")
        value = float(
            run.project.table("resident_population")
            .query("area == 'huzhou' and indicator == 'resident_year_end' and year == 2021")["value"]
            .iloc[0]
        )
        add(t("population.check_residents"), 2021, residents.loc[2021, "p50"], value, False)
    if not rows:
        return page.note("population.no_checks", area=page.area_name)
    frame = pd.DataFrame(rows)
    return join(
        [
            table(frame, t("population.checks_caption", area=page.area_name), numeric=list(frame.columns[2:5])),
            page.note("population.checks_note"),
        ]
    )


def how_sure(page: Page) -> Html:
    """Return what is known of the error of the draws and of the reconstruction."""
    t, run = page.t, page.run
    parts = [page.note("population.sure_base")]
    elders = run.elders()
    for year in ERROR_YEARS:
        draws = elders[int(np.searchsorted(run.years, year))]
        error = {f"e{round(q * 100)}": t.number(quantile_error(draws, q)) for q in (0.1, 0.5, 0.9)}
        parts.append(page.note("population.sure_error", year=year, **error))
    return join([*parts, page.note("population.sure_more")])
