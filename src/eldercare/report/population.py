"""Population: people aged 60 and over by year, their ages, what moves their number, and published counts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eldercare.model.demography import GROUP_STARTS, GROUPS
from eldercare.model.draws import quantile_error
from eldercare.report import marks, style
from eldercare.report.chart import Chart, Column, Table, turned
from eldercare.report.html import Html, join
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.page import Page

AGES = {60: style.BLUE, 65: style.GREEN, 80: style.PURPLE}
DRIVERS = {"turning_60": style.BLUE, "deaths_60plus": style.GREY, "migration_60plus": style.ORANGE}
# Old-age dependency: people from an age, and the ages that they are compared with.
RATIOS = {"60": (60, 15, 59), "65": (65, 15, 64)}
# The large cohorts born after the famine.
WAVE = (1962, 1975)


def answer(page: Page, elders: pd.DataFrame) -> Html:
    """Return the answer of the page: how many now, in the near year and at the peak (column resident)."""
    peak = int(elders["resident"].idxmax())
    now, near = elders.loc[page.first], elders.loc[page.near]
    return page.answer(
        page.say(
            "answer_peak" if peak < page.last else "answer_growing",
            start=page.t.rounded(now["resident"]),
            mid=page.t.rounded(near["resident"]),
            low=page.t.rounded(near["resident_p10"]),
            high=page.t.rounded(near["resident_p90"]),
            growth=page.t.percent(near["resident"] / now["resident"] - 1, 0),
            peak=peak,
            last=page.last,
            top=page.t.rounded(elders.loc[peak, "resident"]),
        )
    )


def elders_chart(page: Page, elders: pd.DataFrame) -> Chart:
    """Draw people aged 60 and over on both bases (columns resident, registered), with published counts (published)."""
    dots = bool(elders["published"].notna().any())
    series = [
        Series("resident", page.say("line_resident"), style.BLUE),
        Series(
            "registered", page.say("line_registered_dots" if dots else "line_registered"), style.ORANGE, True, False
        ),
    ]
    panel = Panel(elders, series, points=[Series("published", "", style.ORANGE)] if dots else [])
    return page.chart(
        "elders",
        elders,
        [
            page.year_column(),
            Column("resident", page.say("c_resident"), interval=True),
            Column("registered", page.say("c_registered"), interval=True),
            *([Column("published", page.say("c_published"))] if dots else []),
        ],
        marks.lines(page.t, panel, Axis(page.say("axis_elders"), "persons")),
        finding=page.say(
            "elders_alt_published" if dots else "elders_alt",
            start=page.t.rounded(elders.loc[page.first, "resident"]),
            end=page.t.rounded(elders.loc[page.last, "resident"]),
            first=page.first,
            last=page.last,
        ),
        source=page.say("source"),
    )


def ages_chart(page: Page, ages: pd.DataFrame) -> Chart:
    """Draw residents from several ages (columns 60, 65, 80)."""
    labels = {age: page.say("age_label", age=age) for age in AGES}
    series = [Series(str(age), labels[age], colour) for age, colour in AGES.items()]
    times = {f"times_{age}": page.t.number(ages[str(age)].iloc[-1] / ages[str(age)].iloc[0], 1) for age in AGES}
    return page.chart(
        "ages",
        ages,
        [page.year_column(), *(Column(str(age), labels[age], interval=True) for age in AGES)],
        marks.lines(page.t, Panel(ages, series), Axis(page.say("axis_ages"), "persons")),
        finding=page.say("ages_alt", first=page.first, last=page.last, **times),
        source=page.say("source"),
    )


def pyramid_chart(page: Page, pyramid: pd.DataFrame) -> Chart:
    """Draw the resident age pyramid of the launch year and its outlines in two later years.

    ``pyramid`` has the five-year groups as rows and columns (sex, year), persons.
    """
    first, second, third = pyramid["female"].columns
    old = np.asarray(GROUP_STARTS) >= min(AGES)
    both = pyramid["female"] + pyramid["male"]
    share = {
        name: page.t.percent(both.loc[old, year].sum() / both[year].sum(), 0)
        for name, year in (("now", first), ("next", second), ("then", third))
    }
    flat = pyramid.set_axis([f"{sex}_{year}" for sex, year in pyramid.columns], axis=1).rename_axis("age_group")
    names = {"male": page.say("male"), "female": page.say("female")}
    outlines = [(second, style.ORANGE), (third, style.BLUE)]
    drawn = {first: "now", second: "next", third: "then"}
    labels = {year: page.say(f"pyramid_{name}", year=year) for year, name in drawn.items()}
    return page.chart(
        "pyramid",
        flat.reset_index(),
        [
            Column("age_group", page.say("c_age"), form="text"),
            *(Column(f"{sex}_{year}", f"{names[sex]} {year}") for year in (first, second, third) for sex in names),
        ],
        marks.pyramid(page.t, pyramid, names, first, outlines, labels),
        finding=page.say("pyramid_alt", first=first, second=second, third=third, **share),
        source=page.say("source"),
        shown=[True] * len(GROUPS),
        years=page.t.join([str(year) for year in (first, second, third)]),
    )


def entrants_chart(page: Page, entrants: pd.Series) -> Chart:
    """Draw the residents of the launch year by the year in which they turn 60."""
    born = entrants.index.to_numpy() - min(AGES)
    wave = (born >= WAVE[0]) & (born <= WAVE[1])
    few, many = entrants.iloc[:3].idxmin(), entrants.iloc[:8].idxmax()
    frame = pd.DataFrame({"year": entrants.index, "born": born, "persons": entrants.to_numpy()})
    words = page.say("wave", first=WAVE[0], last=WAVE[1])
    return page.chart(
        "entrants",
        frame,
        [page.year_column(), Column("born", page.say("c_born"), form="year"), Column("persons", page.say("c_persons"))],
        marks.columns(page.t, entrants, Axis(page.say("axis_entrants"), "persons"), wave.tolist(), words),
        finding=page.say(
            "entrants_alt",
            low=few,
            few=page.t.rounded(entrants[few]),
            high=many,
            many=page.t.rounded(entrants[many]),
        ),
        source=page.say("source"),
        shown=[True] * len(frame),
    )


def drivers_chart(page: Page, drivers: pd.DataFrame) -> Chart:
    """Draw what adds to the people aged 60 and over and what takes away (means; deaths negative; column net)."""
    series = [Series(name, page.say(f"d_{name}"), colour, name == "deaths_60plus") for name, colour in DRIVERS.items()]
    net = drivers["net"]
    most, falling = int(net.idxmax()), net.index[net < 0]
    names = [*DRIVERS, "net"]
    return page.chart(
        "drivers",
        drivers,
        [page.year_column(), *(Column(name, page.say(f"c_{name}"), form="signed") for name in names)],
        marks.stacked(
            page.t,
            drivers,
            series,
            Axis(page.say("axis_change"), "persons"),
            Series("net", page.say("d_net"), style.INK),
        ),
        finding=page.say(
            "drivers_alt_falling" if len(falling) else "drivers_alt",
            most=most,
            up=page.t.rounded(net[most]),
            enter=page.t.rounded(drivers.loc[most, "turning_60"]),
            die=page.t.rounded(-drivers.loc[most, "deaths_60plus"]),
            fall=int(falling[0]) if len(falling) else "",
            last=page.last,
            end=page.t.rounded(net.iloc[-1]),
        ),
        source=page.say("source"),
        shown=[True] * len(drivers),
    )


def growth_table(page: Page, growth: pd.DataFrame) -> Table:
    """Return the growth until the target year by area: columns area, start, the drivers and end; counties add up."""
    columns = [
        page.area_column(),
        Column("start", page.say("c_elders_of", year=page.first)),
        *(Column(name, page.say(f"c_{name}"), form="signed") for name in DRIVERS),
        Column("end", page.say("c_elders_of", year=page.target)),
    ]
    return page.table("growth", growth, columns, first=page.first, last=page.target)


def growth_finding(page: Page, growth: pd.DataFrame) -> Html:
    """Say that the size of the cohorts decides, and what migration adds or takes."""
    row = growth.set_index("area").loc[page.run.area]
    move = row["migration_60plus"]
    return page.finding(
        page.say(
            "drivers_said_in" if move >= 0 else "drivers_said_out",
            until=page.target,
            enter=page.t.rounded(row["turning_60"]),
            die=page.t.rounded(-row["deaths_60plus"]),
            move=page.t.rounded(abs(move)),
            share=page.t.percent(abs(move) / row["turning_60"]) if row["turning_60"] else page.t("page.none"),
        )
    )


def dependency_chart(page: Page, dependency: pd.DataFrame) -> Chart:
    """Draw both old-age dependency ratios (columns 60, 65; per 100 of working age)."""
    values = {name: {"elders": a, "low": b, "high": c} for name, (a, b, c) in RATIOS.items()}
    colours = (style.BLUE, style.ORANGE)
    series = [
        Series(name, page.say("ratio_label", **values[name]), colour)
        for name, colour in zip(values, colours, strict=True)
    ]
    ratio = dependency["60"]
    ends = dependency.loc[page.last]
    return page.chart(
        "dependency",
        dependency,
        [page.year_column(), *(Column(n, page.say("c_ratio", **values[n]), 1, interval=True) for n in values)],
        marks.lines(page.t, Panel(dependency, series), Axis(page.say("axis_ratio")), height=3.8),
        finding=page.say(
            "dependency_alt",
            start=page.t.number(ratio[page.first]),
            mid=page.t.number(ratio[page.target]),
            end=page.t.number(ratio[page.last]),
            low=page.t.number(ends["60_p10"]),
            high=page.t.number(ends["60_p90"]),
            first=page.first,
            target=page.target,
            last=page.last,
        ),
        source=page.say("source"),
    )


def births_table(page: Page, births: pd.DataFrame) -> Table:
    """Return births by year (column births)."""
    return page.table("births", births, [page.year_column(), Column("births", page.say("c_births"), interval=True)])


def longevity_table(page: Page, longevity: pd.DataFrame) -> Table:
    """Return life expectancy by year (columns female, male, both), with the UN's for the country (china)."""
    columns = [
        page.year_column(),
        *(Column(name, page.say(f"e0_{name}"), 1, interval=True) for name in ("female", "male", "both", "china")),
    ]
    return page.table("e0", longevity, columns, shown=[True] * len(longevity))


def longevity_finding(page: Page, longevity: pd.DataFrame, lead: float) -> Html:
    """Compare the model's lead over the country with the published one of the level year (years of life)."""
    known = longevity[longevity["china"].notna()]
    year, row = int(known.index[-1]), known.iloc[-1]
    ahead = row["both"] - row["china"]
    return page.finding(
        page.say(
            "e0_note" if ahead < lead else "e0_note_faster",
            lead=page.t.number(lead, 1),
            level=int(page.run["mortality.level_year"]),
            year=year,
            ahead=page.t.number(ahead, 1),
            own=page.t.number(row["both_p90"] - row["both_p10"], 1),
            un=page.t.number(row["china_p90"] - row["china_p10"], 1),
        )
    )


def counties_chart(page: Page, index: pd.DataFrame) -> Chart:
    """Draw people aged 60 and over by county (columns), launch year = 100, a field each, the fastest first."""
    until = index.loc[page.target]
    ranked = sorted(page.run.project.counties, key=lambda county: -until[county])
    series = {county: Series(county, "", style.BLUE) for county in ranked}
    others = [Series(county, "", style.RULE, band=False, width=1.0) for county in ranked]
    panels = [Panel(index, [*others, series[county]], page.area_of(county)) for county in ranked]
    table = turned(index, [year for year in page.years if year != page.first])
    up = {county: page.t.percent(until[county] / 100 - 1, 0) for county in ranked}
    columns = [
        Column("row", page.t("page.c_area"), form="text", words=page.area_of),
        *(Column(str(year), str(year), interval=True) for year in page.years if year != page.first),
    ]
    return page.chart(
        "counties",
        table,
        columns,
        marks.lines(page.t, panels, Axis(zero=False), height=2.9),
        finding=page.say(
            "counties_alt",
            fast=page.area_of(ranked[0]),
            slow=page.area_of(ranked[-1]),
            up=up[ranked[0]],
            less=up[ranked[-1]],
            first=page.first,
            target=page.target,
        ),
        source=page.say("source"),
        first=page.first,
        target=page.target,
    )


def checks_table(page: Page, checks: pd.DataFrame) -> Table | Html:
    """Return the model beside published counts (columns count, year, model, published, fitted; shares as percent)."""
    if checks.empty:
        return page.note("no_checks")
    share = checks["count"] == "share"
    error = np.where(share, checks["model"] - checks["published"], checks["model"] / checks["published"] - 1)

    def write(values: Sequence[float]) -> list[str]:
        return [page.t.percent(v, 2) if of else page.t.number(v) for v, of in zip(values, share, strict=True)]

    shown = checks.assign(
        model=write(checks["model"]),
        published=write(checks["published"]),
        error=[
            page.say("points", n=page.t.number(100 * e, 2)) if of else page.t.percent(e)
            for e, of in zip(error, share, strict=True)
        ],
    )
    columns = [
        Column("count", page.say("c_check"), form="text", words=lambda name: page.say(f"check_{name}")),
        page.year_column(),
        Column("model", page.say("c_model")),
        Column("published", page.say("c_published")),
        Column("error", page.say("c_error")),
        Column("fitted", page.say("c_role"), form="text", words=lambda on: page.tag("fitted" if on else "independent")),
    ]
    return page.table("checks", shown, columns, shown=[True] * len(shown))


def draws_error(page: Page, elders: Mapping[str, np.ndarray]) -> Html:
    """Return the sampling error of the number of residents in the near and the target year."""
    notes = []
    for year in (page.near, page.target):
        draws = elders["resident"][year - page.first]
        error = {f"e{round(q * 100)}": page.t.number(quantile_error(draws, q)) for q in (0.1, 0.5, 0.9)}
        notes.append(page.note("sure_error", year=year, **error))
    return join(notes)
