"""Scenarios page: what differs, what changes by how much, which conclusions flip, and what is worth knowing first."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from eldercare.inputs import CITY
from eldercare.model.comparison import CROSSING, Comparison, differing
from eldercare.model.sensitivity import INDEX, keys_of, knowing, tornado
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, prose, table
from eldercare.report.page import Page

BASELINE = "baseline"
YEARS = (2030, 2035)
LAST = YEARS[-1]
ELDERS, MEALS = f"elders_{LAST}", f"gap_meals_{LAST}"
LADDERS = ("ratio", "need")
STATES = tuple(f"state_{ladder}" for ladder in LADDERS)
# Shares of the variance below this are left out of the table: they print as nothing.
SMALL = 0.005
COLOURS = {"ratio": style.BLUE, "need": style.PURPLE}
# Paths that differ by less than this many beds per 1,000 in every year share a line and a label.
SAME = 0.05
# Where the norm is named: after the beds of 2018 have fallen below it, before a plan builds up to it.
NORM_AT = 2023.4
# Columns of text that a label beside a chart may take.
END_WIDTH, FACTOR_WIDTH = 32, 27
# One colour per scenario in the order of config/scenarios, each dark enough for text on white.
PALETTE = (
    style.INK,
    style.ORANGE,
    style.GREEN,
    style.PURPLE,
    style.BLUE,
    "#8a6400",
    style.GREY,
    "#4b52b8",
    "#a3195b",
)


class Compared(Comparison):
    """All scenarios of the project for a page's area, the baseline first and the page's own next."""

    def __init__(self, page: Page):
        super().__init__(page.run)
        self.counties = tuple(page.run.counties)

    def row(self, scenario: str, measure: str) -> pd.Series:
        """Return median, interval and change of a measure of the page's area."""
        return self.measure(measure).loc[scenario]


@cache
def compared(page: Page) -> Compared:
    """Return the comparison behind the page, made once."""
    return Compared(page)


def label(page: Page, scenario: str) -> str:
    """Return the name of a scenario in the page's language."""
    return page.t.pick(page.run.project.scenarios[scenario].label)


def row_name(page: Page, scenario: str) -> Html:
    """Return the name of a scenario for the first column of a table; Chinese names are short and stay on one line."""
    return element("span", label(page, scenario), **({"cls": "range"} if page.t.language == "zh" else {}))


def answer(page: Page) -> Html:
    """Return what the scenario changes against the baseline, and how far apart all scenarios are."""
    t, all_ = page.t, compared(page)
    measure = f"gap_ratio_{LAST}"
    gaps = {name: all_.row(name, measure)["p50"] for name in all_.names}
    low, high = min(gaps, key=gaps.get), max(gaps, key=gaps.get)
    spread = t(
        "scenarios.answer_spread",
        n=len(all_.names),
        low=label(page, low),
        low_gap=_gap(page, gaps[low]),
        high=label(page, high),
        high_gap=_gap(page, gaps[high]),
        year=LAST,
    )
    if page.run.scenario == all_.first:
        own = t("scenarios.answer_first", area=page.area_name, year=LAST, gap=_gap(page, gaps[all_.first]))
    else:
        own = t(
            "scenarios.answer_own",
            area=page.area_name,
            scenario=label(page, page.run.scenario),
            year=LAST,
            ratio=_change(page, all_.row(page.run.scenario, measure)),
            need=_change(page, all_.row(page.run.scenario, f"gap_need_{LAST}")),
            first=label(page, all_.first),
        )
    return join(
        [
            element("p", own + t("page.space") + spread, cls="answer"),
            page.note("scenarios.answer_note"),
        ]
    )


def _gap(page: Page, value: float) -> str:
    t = page.t
    key = "scenarios.none_missing" if abs(value) < 0.5 else "scenarios.short" if value > 0 else "scenarios.spare"
    return t(key, n=t.rounded(abs(value)))


def _change(page: Page, row: pd.Series) -> str:
    t, value = page.t, row["change_p50"]
    if abs(value) < 0.5:
        return t("scenarios.as_many")
    ends = sorted(abs(row[f"change_{q}"]) for q in ("p10", "p90"))
    one_sided = np.sign(row["change_p10"]) == np.sign(row["change_p90"])
    key = f"scenarios.{'more' if value > 0 else 'fewer'}"
    if ends[1] - ends[0] < 0.5 and one_sided:
        return t(f"{key}_exact", n=t.rounded(abs(value)))
    key += "" if one_sided else "_open"
    shown = ends if one_sided else (row["change_p10"], row["change_p90"])
    return t(key, n=t.rounded(abs(value)), low=t.rounded(shown[0]), high=t.rounded(shown[1]))


def inputs(page: Page) -> Html:
    """Return the parameters that differ from the baseline: the page's own scenario open, the others folded in."""
    t, all_ = page.t, compared(page)
    frame = differing({name: all_.runs[name] for name in all_.names}, (page.run.area,))
    own = frame[frame["scenario"] == page.run.scenario]
    others = frame[frame["scenario"] != page.run.scenario]
    parts = []
    if not own.empty:
        caption = t("scenarios.inputs_caption", scenario=label(page, page.run.scenario), first=label(page, all_.first))
        parts.append(_differences(page, own, caption))
    elif page.run.scenario != all_.first:
        parts.append(page.note("scenarios.no_difference"))
    if not others.empty:
        caption = t("scenarios.others_caption", first=label(page, all_.first))
        rest = _differences(page, others, caption)
        if own.empty:
            parts.append(rest)
        else:
            parts.append(element("details", Html(element("summary", t("scenarios.others")) + rest), cls="twin"))
    return join([*parts, page.note("scenarios.inputs_note")])


def _differences(page: Page, frame: pd.DataFrame, caption: str) -> Html:
    t, all_ = page.t, compared(page)
    rows = []
    for row in frame.itertuples():
        run = all_.runs[row.scenario]
        setting = run.counties[all_.counties[0] if row.areas == (CITY,) else row.areas[0]].settings[row.parameter]
        name = element("span", t.pick(setting.parameter.label)) + " " + element("code", row.parameter)
        one = {t("page.c_parameter"): Html(name), t("scenarios.c_scenario"): label(page, row.scenario)}
        if page.is_city:
            one[t("page.c_area")] = t.join([page.area_of(area) for area in row.areas])
        one |= {
            t("scenarios.c_before"): page.value(row.parameter, row.before),
            t("page.c_value"): page.value(row.parameter, row.value),
            t("scenarios.c_why"): t.pick(setting.trail[-1].why or {t.language: t("scenarios.no_reason")}),
        }
        rows.append(one)
    return table(pd.DataFrame(rows), caption, cls="parameters")


def _cell(page: Page, row: pd.Series, columns: str = "p", decimals: int = 0) -> Html:
    t = page.t
    middle, low, high = (row[f"{columns}{q}"] for q in ("50", "10", "90"))
    if pd.isna(middle):
        return Html(element("span", t("scenarios.none")))
    if round(low, decimals) == round(high, decimals):
        return element("span", t.number(middle, decimals), cls="value")
    ends = element("small", t.interval(low, high, decimals))
    return Html(element("span", t.number(middle, decimals), cls="value") + "<br>" + ends)


def _year(page: Page, value: float) -> str:
    years = page.run.years
    if pd.isna(value):
        return page.t("scenarios.never", last=int(years[-1]))
    return page.t("scenarios.already", first=int(years[0])) if value <= years[0] else str(int(value))


def effects(page: Page) -> Html:
    """Return the results of every scenario, and their differences to the baseline draw by draw."""
    t, all_ = page.t, compared(page)
    gaps = [f"gap_{ladder}_{year}" for ladder in LADDERS for year in YEARS]
    shown = [
        {
            t("scenarios.c_scenario"): row_name(page, name),
            t("scenarios.c_elders", year=LAST): _cell(page, all_.row(name, ELDERS)),
            **{t(f"scenarios.c_{m}"): _cell(page, all_.row(name, m)) for m in gaps},
            t("scenarios.c_meals", year=LAST): _cell(page, all_.row(name, MEALS)),
        }
        for name in all_.names
    ]
    changes = [
        {
            t("scenarios.c_scenario"): row_name(page, name),
            t("scenarios.c_elders", year=LAST): _cell(page, all_.row(name, ELDERS), "change_p"),
            **{t(f"scenarios.c_{m}"): _cell(page, all_.row(name, m), "change_p") for m in gaps},
            t("scenarios.c_meals", year=LAST): _cell(page, all_.row(name, MEALS), "change_p"),
        }
        for name in all_.names[1:]
    ]
    parts = [
        table(pd.DataFrame(shown), t("scenarios.effects_caption", area=page.area_name), numeric=list(shown[0])[1:])
    ]
    if changes:
        caption = t("scenarios.changes_caption", area=page.area_name, first=label(page, all_.first))
        parts.append(table(pd.DataFrame(changes), caption, numeric=list(changes[0])[1:]))
    return join([*parts, page.note("scenarios.effects_note")])


def paths_chart(page: Page) -> Chart:
    """Draw beds per 1,000 elders of every scenario against the norm; scenarios with one path share a line."""
    t, all_ = page.t, compared(page)
    frame = all_.paths.pivot(index="year", columns="scenario", values="p50")[all_.names]
    years = frame.index.to_numpy()
    order = list(all_.runs)
    groups: list[list[str]] = []
    for name in order:
        for group in groups:
            if (frame[name] - frame[group[0]]).abs().max() < SAME:
                group.append(name)
                break
        else:
            groups.append([name])
    norm = float(page.run.settings.value("beds.norm"))
    with style.drawing():
        figure, ax = style.canvas(height=4.6)
        ax.axhline(norm, color=style.INK, lw=1.0, ls=(0, (1, 2)))
        ends = []
        for group in groups:
            colour = PALETTE[order.index(group[0]) % len(PALETTE)]
            own = page.run.scenario in group
            ax.plot(years, frame[group[0]], color=colour, lw=2.8 if own else 1.5, zorder=3 if own else 2)
            words = page.t("scenarios.and").join(label(page, name) for name in group)
            ends.append((years[-1], frame[group[0]].iloc[-1], style.wrapped(words, END_WIDTH), colour))
        ax.set_ylim(0, max(frame.to_numpy().max(), norm) * 1.08)
        style.count_axis(ax, t, t("scenarios.axis_ratio"))
        style.year_axis(ax, years[0], years[-1])
        ax.text(NORM_AT, norm, t("scenarios.norm", norm=t.number(norm)), va="bottom", fontsize=9)
        style.end_labels(ax, ends)
    shown = [year for year in (2025, 2030, 2035, 2040, 2050) if year in frame.index]
    last = frame.loc[LAST]
    twin = pd.DataFrame(
        {
            t("scenarios.c_scenario"): [label(page, name) for name in all_.names],
            **{str(year): [t.number(frame.loc[year, name], 1) for name in all_.names] for year in shown},
        }
    )
    return Chart(
        "paths",
        figure,
        t("scenarios.paths_title", area=page.area_name),
        t(
            "scenarios.paths_alt",
            year=LAST,
            high=label(page, last.idxmax()),
            high_ratio=t.number(last.max(), 1),
            low=label(page, last.idxmin()),
            low_ratio=t.number(last.min(), 1),
            norm=t.number(norm),
            n=int((last >= norm).sum()),
            all=len(last),
        ),
        t("scenarios.paths_source", basis=t(f"scenarios.basis_{page.run.settings.value('beds.ratio_basis')}")),
        twin,
        page.twin_label(),
    )


def gaps_chart(page: Page) -> Chart:
    """Draw the gap of 2035 of every scenario by both ladders with 80% intervals."""
    t, all_ = page.t, compared(page)
    names = all_.names
    rows = np.arange(len(names))[::-1]
    with style.drawing():
        figure, axes = style.canvas(1, 2, width=8.8, height=1.0 + 0.36 * len(names), sharey=True)
        for ax, ladder in zip(axes, LADDERS, strict=True):
            values = [all_.row(name, f"gap_{ladder}_{LAST}") for name in names]
            middle, low, high = (np.array([row[q] for row in values]) / 1000 for q in ("p50", "p10", "p90"))
            colour = COLOURS[ladder]
            ax.barh(rows, middle, color=colour, alpha=0.3, height=0.6, lw=0)
            ax.errorbar(
                middle, rows, xerr=[middle - low, high - middle], fmt="o", ms=4, color=colour, elinewidth=1.4, capsize=2
            )
            ax.axvline(0, color=style.INK, lw=1)
            ax.set_title(t(f"scenarios.ladder_{ladder}"))
            ax.grid(visible=False, axis="y")
            ax.grid(axis="x")
            _thousands(page, ax, t("scenarios.axis_gap"))
        axes[0].set_yticks(rows, [label(page, name) for name in names])
        at = names.index(page.run.scenario)
        axes[0].get_yticklabels()[at].set_fontweight("bold")
    counts = {ladder: sum(all_.row(name, f"gap_{ladder}_{LAST}")["p10"] > 0 for name in names) for ladder in LADDERS}
    twin = pd.DataFrame(
        {
            t("scenarios.c_scenario"): [label(page, name) for name in names],
            **{
                key: column
                for ladder in LADDERS
                for key, column in (
                    (
                        t(f"scenarios.c_gap_{ladder}_{LAST}"),
                        [t.number(all_.row(name, f"gap_{ladder}_{LAST}")["p50"]) for name in names],
                    ),
                    (
                        t(f"scenarios.c_interval_{ladder}"),
                        [t.interval(*all_.row(name, f"gap_{ladder}_{LAST}")[["p10", "p90"]]) for name in names],
                    ),
                )
            },
        }
    )
    return Chart(
        "gaps",
        figure,
        t("scenarios.gaps_title", area=page.area_name, year=LAST),
        t("scenarios.gaps_alt", ratio=counts["ratio"], need=counts["need"], n=len(names), year=LAST),
        t("scenarios.gaps_source"),
        twin,
        page.twin_label(),
    )


def _thousands(page: Page, ax: Axes, title: str) -> None:
    low, high = ax.get_xlim()
    decimals = 0 if high - low > 5 else 1
    ax.xaxis.set_major_formatter(lambda value, _: page.t.number(value, decimals))
    ax.set_xlabel(title)


def flips(page: Page) -> Html:
    """Return which conclusions turn over between the scenarios: states and years, for the city also the ranking."""
    t, all_ = page.t, compared(page)
    frame = all_.conclusions
    areas = (CITY, *all_.counties) if page.is_city else (page.run.area,)
    own = frame[frame["area"].isin(areas) & ~frame["conclusion"].str.startswith("ranking")]
    rows = []
    for name in all_.names:
        by = own[own["scenario"] == name].set_index(["area", "conclusion"])
        alike: dict[tuple, list[str]] = {}
        for area in areas:
            if area in (page.run.area, CITY) or by.loc[area]["flips"].any():
                drawn = [tuple(by.loc[(area, c), ["value", "flips"]]) for c in (CROSSING, *STATES)]
                # The city has a row of its own; counties whose conclusions are alike share one.
                alike.setdefault((area == CITY, *map(str, drawn)), []).append(area)
        for members in alike.values():
            row = {
                t("scenarios.c_scenario"): row_name(page, name),
                t("page.c_area"): t.join([page.area_of(area) for area in members]),
                t("scenarios.c_crossing"): _flagged(page, *by.loc[(members[0], CROSSING), ["value", "flips"]]),
            }
            for conclusion in STATES:
                one = by.loc[(members[0], conclusion)]
                row[t(f"scenarios.c_{conclusion}", year=LAST)] = _flagged(page, one["value"], one["flips"])
            rows.append(row)
    rankings = []
    # A ranking is the city's: a county's page would change with every other county.
    for ladder in LADDERS if page.is_city else ():
        orders = frame[frame["conclusion"] == f"ranking_{ladder}"].set_index("scenario")
        base, turned = orders.loc[all_.first, "value"], orders.index[orders["flips"]]
        values = {
            "ladder": t(f"scenarios.by_{ladder}"),
            "year": LAST,
            "order": t.join([page.area_of(area) for area in base]),
            "first": label(page, all_.first),
        }
        if turned.empty:
            rankings.append(page.note("scenarios.ranking_same", cls="finding", **values))
            continue
        said = [
            t(
                "scenarios.ranking_of",
                scenario=label(page, n),
                order=t.join([page.area_of(a) for a in orders.loc[n, "value"]]),
            )
            for n in turned
        ]
        values["others"] = t("page.semicolon").join(said)
        rankings.append(page.note("scenarios.ranking_changes", cls="finding", **values))
    caption = t("scenarios.flips_caption", area=page.area_name, first=label(page, all_.first))
    notes = [t("scenarios.flips_note"), t(f"scenarios.flips_note_{'city' if page.is_city else 'county'}")]
    note = element("p", prose(t("page.space").join(notes)), cls="note")
    return join([table(pd.DataFrame(rows), caption), note, *rankings])


def _flagged(page: Page, value: object, turned: bool) -> Html:
    t = page.t
    if isinstance(value, str):
        text = element("span", t(f"site.state_{value}"), cls=f"state {value}")
    else:
        text = element("span", _year(page, value))
    return Html(text + (" " + element("span", t("scenarios.turned"), cls="tag changed") if turned else ""))


def factor_label(page: Page, factor: str) -> str:
    """Return the name of a factor: its parameter's, or that of the uncertainty that several share."""
    if factor == INDEX or len(keys_of(factor)) > 1:
        return page.t(f"scenarios.f_{factor.rpartition('.')[2]}")
    return page.t.pick(page.run.project.parameters[factor].label)


def tornado_chart(page: Page) -> Chart:
    """Draw how far each parameter alone moves the gap of 2035 between the ends of its interval, by both ladders."""
    t, frame = page.t, tornado(page.run, page.run.area)
    names = [style.wrapped(factor_label(page, f), FACTOR_WIDTH) for f in frame["parameter"]]
    with style.drawing():
        figure, axes = style.canvas(1, 2, width=8.8, height=0.9 + 0.46 * len(names), sharey=True)
        for ax, ladder in zip(axes, LADDERS, strict=True):
            ends = [(frame[f"{ladder}_{end}"] - frame[f"base_{ladder}"]) / 1000 for end in ("low", "high")]
            style.tornado(ax, names, *ends)
            ax.set_title(t(f"scenarios.ladder_{ladder}"))
            _thousands(page, ax, t("scenarios.axis_change"))
    top = {ladder: frame.loc[(frame[f"{ladder}_high"] - frame[f"{ladder}_low"]).abs().idxmax()] for ladder in LADDERS}
    base = frame.iloc[0]
    twin = pd.DataFrame(
        {
            t("page.c_parameter"): [factor_label(page, f) for f in frame["parameter"]],
            **{
                t(f"scenarios.c_{ladder}_{end}"): [t.number(v) for v in frame[f"{ladder}_{end}"]]
                for ladder in LADDERS
                for end in ("low", "high")
            },
        }
    )
    return Chart(
        "tornado",
        figure,
        t("scenarios.tornado_title", area=page.area_name, year=page.run.target_year),
        t(
            "scenarios.tornado_alt",
            ratio=factor_label(page, top["ratio"]["parameter"]),
            ratio_width=t.rounded(abs(top["ratio"]["ratio_high"] - top["ratio"]["ratio_low"])),
            need=factor_label(page, top["need"]["parameter"]),
            need_width=t.rounded(abs(top["need"]["need_high"] - top["need"]["need_low"])),
            base_ratio=_gap(page, base["base_ratio"]),
            base_need=_gap(page, base["base_need"]),
        ),
        t("scenarios.tornado_source"),
        twin,
        page.twin_label(),
    )


def value_of_knowing(page: Page) -> Html:
    """Return what share of the variance each factor carries, and which to survey first."""
    t = page.t
    by = {ladder: knowing(page.run, page.run.area, ladder) for ladder in LADDERS}
    sentences, tables = [], []
    for ladder, frame in by.items():
        surveyed, second = (row for _, row in frame[frame["kind"] == "survey"].iloc[:2].iterrows())
        best = frame.iloc[0]
        values = {
            "ladder": t(f"scenarios.by_{ladder}"),
            "name": factor_label(page, surveyed["factor"]),
            "part": t.percent(surveyed["narrowing"], 0),
            "share": t.percent(max(surveyed["first"], 0), 0),
            "year": page.run.target_year,
        }
        sentences.append(t("scenarios.know_first", **values))
        if surveyed["first"] - second["first"] < np.hypot(surveyed["first_error"], second["first_error"]):
            sentences.append(t("scenarios.know_tie", name=factor_label(page, second["factor"])))
        if best["kind"] != "survey":
            key = f"scenarios.know_{best['kind']}"
            sentences.append(t(key, name=factor_label(page, best["factor"]), share=t.percent(best["first"], 0)))
        shown = frame[(frame["first"] >= SMALL) | (frame["total"] >= SMALL)]
        rows = [
            {
                t("page.c_parameter"): factor_label(page, row.factor),
                t("scenarios.c_kind"): t(f"scenarios.kind_{row.kind}"),
                t("scenarios.c_first"): t(
                    "scenarios.plus_minus", value=t.percent(row.first, 0), error=t.percent(row.first_error, 0)
                ),
                t("scenarios.c_total"): t(
                    "scenarios.plus_minus", value=t.percent(row.total, 0), error=t.percent(row.total_error, 0)
                ),
                t("scenarios.c_narrowing"): t.percent(row.narrowing, 0),
            }
            for row in shown.itertuples()
        ]
        caption = t("scenarios.know_caption", ladder=t(f"scenarios.by_{ladder}"), area=page.area_name, year=LAST)
        tables.append(table(pd.DataFrame(rows), caption, cls="parameters", numeric=list(rows[0])[2:]))
    lead = element("p", t("page.space").join(sentences), cls="finding")
    return join([lead, *tables, page.note("scenarios.know_note")])
