"""Reliability page: looked back at, against rivals, the base, graduation, sensitivity and errors of the draws."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from eldercare.model.draws import quantile_error
from eldercare.model.reliability import (
    GRADUATION,
    LOOK_BACK_METHODS,
    Reliability,
)
from eldercare.report import style
from eldercare.report.chart import Chart
from eldercare.report.html import Html, element, join, table
from eldercare.report.page import Page

SHOWN_YEARS = (2030, 2035, 2050)
RIVAL_COLOURS = {"no_change": style.GREY, "constant_growth": style.PURPLE}


@cache
def reliability(page: Page) -> Reliability:
    """Return the checks behind the page, made once."""
    return Reliability(page.run)


def answer(page: Page) -> Html:
    """Return how far the model missed the counts that came later, and whether a rival was nearer."""
    t, scores = page.t, reliability(page).scores().set_index("method")
    model = scores.loc["model_2020"]
    rivals = scores.drop(index=["model", "model_2020"])
    best = rivals["mape_common"].idxmin()
    wins = model["mape_common"] <= rivals.loc[best, "mape_common"]
    bias = "low" if model["malpe"] < 0 else "high"
    return element(
        "p",
        t(
            "reliability.answer",
            n=int(model["n"]),
            mape=t.number(model["mape"], 1),
            bias=t(f"reliability.bias_{bias}"),
            rivals=t(
                "reliability.rivals_lose" if wins else "reliability.rival_wins",
                name=t(f"reliability.m_{best}"),
                error=t.number(rivals.loc[best, "mape_common"], 1),
                own=t.number(model["mape_common"], 1),
            ),
            band=t(
                "reliability.band_none" if model["covered_80"] == 0 else "reliability.band_some",
                covered=int(model["covered_80"]),
                n=int(model["with_band"]),
            ),
        ),
        cls="answer",
    )


def look_back_chart(page: Page) -> Chart:
    """Draw the city's published registered elders, the model's back-cast and forecast, and the rivals."""
    t, checks = page.t, reliability(page)
    frame = checks.look_back()
    city = frame[frame["area"] == checks.city]
    after = city[city["role"] == "after"]
    last = city[city["role"] != "after"].iloc[-1]
    with style.drawing():
        figure, ax = style.canvas(height=4.2)
        before = city[city["role"] != "after"]
        forecast = checks.forecast()
        years = np.array([*before["year"], *forecast["year"]])
        parts = before[["model_low", "model_point", "model_high"]], forecast[["low", "point", "high"]]
        low, middle, high = np.vstack(parts).T / 1000
        ax.fill_between(years, low, high, color=style.BLUE, alpha=0.18, lw=0)
        ax.plot(years, middle, color=style.BLUE)
        ends = [(years[-1], middle[-1], t("reliability.l_model"), style.BLUE)]
        for method, colour in RIVAL_COLOURS.items():
            years = [last["year"], *after["year"]]
            values = np.array([last["published"], *after[f"{method}_point"]]) / 1000
            ax.plot(years, values, color=colour, ls=(0, (5, 2)), lw=1.5)
            ends.append((years[-1], values[-1], t(f"reliability.m_{method}"), colour))
        for implied in (True, False):
            own = city[city["implied"] == implied]
            ax.plot(
                own["year"],
                own["published"] / 1000,
                "o",
                color="white" if implied else style.ORANGE,
                mec=style.ORANGE,
                mew=1.6,
                ms=6.5,
                zorder=5,
                ls="none",
            )
        style.count_axis(ax, t, t("reliability.axis_registered"))
        years = range(int(city["year"].iloc[0]), int(city["year"].iloc[-1]) + 1)
        ax.set_xticks(list(years))
        ax.set_xlim(years[0] - 0.2, years[-1] + 0.1)
        style.end_labels(ax, ends)
    return Chart(
        "look_back",
        figure,
        t("reliability.look_back_title"),
        t(
            "reliability.look_back_alt",
            year=int(after["year"].iloc[-1]),
            published=t.rounded(after["published"].iloc[-1]),
            model=t.rounded(after["model_2020_point"].iloc[-1]),
            error=t.percent(after["model_2020_point"].iloc[-1] / after["published"].iloc[-1] - 1),
        ),
        t("reliability.look_back_source"),
        _look_back_rows(page, city),
        page.twin_label(),
    )


def _look_back_rows(page: Page, frame: pd.DataFrame) -> pd.DataFrame:
    t = page.t
    rows = []
    for row in frame.to_dict("records"):
        cells = {
            t("page.c_year"): str(row["year"]),
            t("reliability.c_published"): t.number(row["published"])
            + (t("reliability.implied_mark") if row["implied"] else ""),
        }
        for method in LOOK_BACK_METHODS:
            point = row[f"{method}_point"]
            cells[t(f"reliability.m_{method}")] = t("reliability.none") if pd.isna(point) else t.number(point)
        rows.append(cells)
    return pd.DataFrame(rows)


def errors(page: Page) -> Html:
    """Return every published count with the error of the model and of each rival, and the scores."""
    t, checks = page.t, reliability(page)
    rows = []
    for row in checks.look_back().to_dict("records"):
        cells = {
            t("reliability.c_count"): f"{page.area_of(row['area'])} {row['year']}",
            t("reliability.c_role"): t(f"reliability.role_{row['role']}"),
            t("reliability.c_published"): t.number(row["published"])
            + (t("reliability.implied_mark") if row["implied"] else ""),
        }
        for method in LOOK_BACK_METHODS:
            cells[t(f"reliability.m_{method}")] = _error(page, row, method)
        rows.append(cells)
    frame = pd.DataFrame(rows)
    scores = pd.DataFrame(
        [
            {
                t("reliability.c_method"): t(f"reliability.m_{row.method}"),
                t("reliability.c_n"): str(row.n),
                t("reliability.c_mape"): t.percent(row.mape / 100),
                t("reliability.c_malpe"): t.percent(row.malpe / 100),
                t("reliability.c_common"): t.percent(row.mape_common / 100),
                t("reliability.c_crps"): t.number(row.crps),
                **{
                    t("reliability.c_covered", level=level): t("reliability.of", a=covered, b=row.with_band)
                    if row.with_band
                    else t("reliability.none")
                    for level, covered in ((50, row.covered_50), (80, row.covered_80), (95, row.covered_95))
                },
            }
            for row in checks.scores().itertuples()
        ]
    )
    return join(
        [
            table(frame, t("reliability.errors_caption"), numeric=list(frame.columns[2:])),
            page.note("reliability.errors_note"),
            table(scores, t("reliability.scores_caption"), numeric=list(scores.columns[1:])),
            page.note("reliability.scores_note"),
            *_later(page),
        ]
    )


def _error(page: Page, row: dict, method: str) -> str:
    point = row[f"{method}_point"]
    if pd.isna(point):
        return page.t("reliability.none")
    text = page.t.percent(point / row["published"] - 1)
    low, high = row[f"{method}_low"], row[f"{method}_high"]
    inside = low <= row["published"] <= high
    return text + page.t("reliability.inside_mark" if inside else "reliability.outside_mark") if low < high else text


def _later(page: Page) -> list[Html]:
    """Return what exponential smoothing can say: one year ahead, and the outlook beside the model."""
    t, checks = page.t, reliability(page)
    ahead = checks.one_year_ahead()
    year, published = int(ahead["year"].iloc[0]), float(ahead["published"].iloc[0])
    model = float(checks.forecast().set_index("year").loc[year, "point"])
    rows = [(t("reliability.m_model_2020"), t.number(model), t.percent(model / published - 1))]
    rows += [
        (t(f"reliability.m_{row.method}"), t("reliability.too_few", n=row.observations), t("reliability.none"))
        if pd.isna(row.point)
        else (t(f"reliability.m_{row.method}"), t.number(row.point), t.percent(row.point / published - 1))
        for row in ahead.itertuples()
    ]
    columns = [t("reliability.c_method"), t("reliability.c_forecast"), t("reliability.c_error")]
    nearest = ahead.dropna().assign(miss=lambda f: (f["point"] / published - 1).abs()).sort_values("miss").iloc[0]
    wins = abs(model / published - 1) <= nearest["miss"]
    outlook = checks.outlook()
    shown = pd.DataFrame(
        [
            (
                t(f"reliability.m_{row[0]}"),
                *(t("reliability.none") if pd.isna(v) else t.number(v) for v in row[1:]),
            )
            for row in outlook.itertuples(index=False, name=None)
        ],
        columns=[t("reliability.c_method"), str(page.run.near_year), str(page.run.target_year)],
    )
    return [
        table(
            pd.DataFrame(rows, columns=columns),
            t("reliability.ahead_caption", year=year, published=t.number(published)),
            numeric=columns[1:],
        ),
        page.note(
            "reliability.ahead_wins" if wins else "reliability.ahead_loses",
            name=t(f"reliability.m_{nearest['method']}"),
        ),
        table(shown, t("reliability.outlook_caption"), numeric=list(shown.columns[1:])),
        page.note("reliability.outlook_note"),
    ]


def base(page: Page) -> Html:
    """Return what of the launch population is exact and what estimated, and its error where it can be seen."""
    t, checks = page.t, reliability(page)
    frame = checks.base_checks()
    shown = pd.DataFrame(
        [
            {
                t("reliability.c_group"): t(f"reliability.group_{row.sex}")
                if row.age_group == "all"
                else row.age_group,
                t("reliability.c_launch"): t.number(row.model),
                t("reliability.c_published"): t.number(row.published),
                t("reliability.c_error"): t.percent(row.model / row.published - 1, 2),
            }
            for row in frame.itertuples()
        ]
    )
    kinds = pd.DataFrame(
        [
            (t(f"reliability.base_{name}"), page.tag(kind), t(f"reliability.base_{name}_how"))
            for name, kind in BASE_PARTS
        ],
        columns=[t("reliability.c_part"), t("page.c_kind"), t("reliability.c_how")],
    )
    parts = [table(kinds, t("reliability.base_caption", area=page.area_name))]
    imported = checks.reconstruction_error()
    if imported is None:
        parts.append(page.note("reliability.no_census_table"))
    else:
        parts += _reconstruction(page, imported)
    parts += [
        table(shown, t("reliability.bands_caption"), numeric=list(shown.columns[1:])),
        page.note("reliability.bands_note"),
    ]
    return join(parts)


BASE_PARTS = (
    ("total", "reported"),
    ("sex", "reported"),
    ("groups", "reported"),
    ("sex_by_age", "estimated"),
    ("single", "estimated"),
    ("registered", "estimated"),
)


def _reconstruction(page: Page, frame: pd.DataFrame) -> list[Html]:
    t = page.t
    by_age = frame.groupby(["age_group", "sex"], sort=False)[["table", "reconstruction"]].sum().reset_index()
    elders = by_age[[int(g.rstrip("+").split("-")[0]) >= 60 for g in by_age["age_group"]]]
    wrong = frame.assign(miss=(frame["reconstruction"] - frame["table"]).abs())
    shown = pd.DataFrame(
        [
            {
                t("reliability.c_group"): f"{row.age_group} {t(f'reliability.group_{row.sex}')}",
                t("reliability.c_table"): t.number(row.table),
                t("reliability.c_reconstruction"): t.number(row.reconstruction),
                t("reliability.c_error"): t.percent(row.reconstruction / row.table - 1, 1)
                if row.table
                else t("reliability.none"),
            }
            for row in elders.itertuples()
        ]
    )
    return [
        page.note("reliability.census_table", share=t.percent(wrong["miss"].sum() / 2 / frame["table"].sum(), 2)),
        table(shown, t("reliability.reconstruction_caption", area=page.area_name), numeric=list(shown.columns[1:])),
    ]


def graduation_chart(page: Page) -> Chart:
    """Draw the yearly growth of elders with single ages after births and split evenly."""
    t, frame = page.t, reliability(page).growth_by_graduation()
    growth = frame.set_index("year").diff().iloc[1:]
    years = growth.index.to_numpy()
    with style.drawing():
        figure, ax = style.canvas(height=3.6)
        ax.bar(years - 0.2, growth["births_weighted"] / 1000, width=0.38, color=style.BLUE, lw=0)
        ax.bar(years + 0.2, growth["even"] / 1000, width=0.38, color=style.GREY, alpha=0.55, lw=0)
        ax.set_xticks(years)
        decimals = 0 if growth.to_numpy().max() > 8000 else 1
        style.count_axis(ax, t, t("reliability.axis_growth"), decimals)
        low, high = min(0.0, growth.to_numpy().min() / 1000), growth.to_numpy().max() / 1000
        ax.set_ylim(low * 1.1, high * 1.25)
        ax.text(0.01, 0.95, t("reliability.g_births"), color=style.BLUE, transform=ax.transAxes, va="center")
        ax.text(0.01, 0.87, t("reliability.g_even"), color=style.GREY, transform=ax.transAxes, va="center")
    first, last = page.run.launch_year + 1, page.run.launch_year + 5
    span = frame.set_index("year")
    change = {g: float(span.loc[last, g] - span.loc[first, g]) for g in ("births_weighted", "even")}
    return Chart(
        "graduation",
        figure,
        t("reliability.graduation_title", area=page.area_name),
        t(
            "reliability.graduation_alt",
            first=first,
            last=last,
            births=t.rounded(change["births_weighted"]),
            even=t.rounded(change["even"]),
            one_births=t.rounded(growth.loc[first, "births_weighted"]),
            one_even=t.rounded(growth.loc[first, "even"]),
        ),
        t("reliability.graduation_source"),
        pd.DataFrame(
            {
                t("page.c_year"): [str(y) for y in years],
                t("reliability.c_births"): [t.number(v) for v in growth["births_weighted"]],
                t("reliability.c_even"): [t.number(v) for v in growth["even"]],
            }
        ),
        page.twin_label(),
    )


def sensitivity_chart(page: Page) -> Chart:
    """Draw how far one parameter alone moves the elders of 2035 from one end of its interval to the other."""
    t, frame = page.t, reliability(page).sensitivity()
    names = [t(f"reliability.s_{row.parameter.split('.')[1]}") for row in frame.itertuples()]
    base_count = frame["base_60"].iloc[0]
    with style.drawing():
        figure, ax = style.canvas(height=0.5 + 0.47 * len(frame))
        low, high = ((frame[f"60_{end}"].to_numpy() - base_count) / 1000 for end in ("low", "high"))
        style.tornado(ax, names, low, np.where(frame["parameter"] == GRADUATION, 0, high))
        ax.xaxis.set_major_formatter(lambda v, _: t.number(v, 0 if base_count > 3e5 else 1))
        ax.set_xlabel(t("reliability.axis_sensitivity"))
    top = frame.iloc[0]
    old = frame[frame["parameter"] == "mortality.oldest_old_level"].iloc[0]
    return Chart(
        "sensitivity",
        figure,
        t("reliability.sensitivity_title", area=page.area_name, year=page.run.target_year),
        t(
            "reliability.sensitivity_alt",
            name=names[0],
            width=t.rounded(top["width"]),
            share=t.percent(top["width"] / base_count),
            old=t.percent(abs(old["80_high"] - old["80_low"]) / old["base_80"], 0),
            year=page.run.target_year,
        ),
        t("reliability.sensitivity_source"),
        pd.DataFrame(
            {
                t("reliability.c_parameter"): names,
                t("reliability.c_60_low"): [t.number(v) for v in frame["60_low"]],
                t("reliability.c_60_high"): [t.number(v) for v in frame["60_high"]],
                t("reliability.c_80_low"): [t.number(v) for v in frame["80_low"]],
                t("reliability.c_80_high"): [t.number(v) for v in frame["80_high"]],
            }
        ),
        page.twin_label(),
    )


def deaths(page: Page) -> Html:
    """Return modelled deaths of the city beside published ones."""
    t, frame = page.t, reliability(page).deaths()
    shown = pd.DataFrame(
        [
            {
                t("reliability.c_count"): t(f"reliability.deaths_{row.basis}", year=row.year),
                t("reliability.c_model"): t.number(row.model),
                t("reliability.c_published"): t.number(row.published),
                t("reliability.c_error"): t.percent(row.model / row.published - 1),
            }
            for row in frame.itertuples()
        ]
    )
    return join(
        [
            table(shown, t("reliability.deaths_caption"), numeric=list(shown.columns[1:])),
            page.note("reliability.deaths_note"),
        ]
    )


def draws_error(page: Page) -> Html:
    """Return the Monte Carlo error of every quantile shown: 60+ and 80+ in selected years."""
    t, run = page.t, page.run
    years = run.years
    rows = []
    for age in (60, 80):
        elders = run.elders(from_age=age)
        for year in SHOWN_YEARS:
            if year not in years:
                continue
            draws = elders[int(np.searchsorted(years, year))]
            row = {t("reliability.c_count"): t("reliability.aged_in", age=age, year=year)}
            for name, q in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
                row[t(f"reliability.c_{name}")] = t(
                    "reliability.plus_minus",
                    value=t.number(np.quantile(draws, q)),
                    error=t.number(quantile_error(draws, q)),
                )
            rows.append(row)
    frame = pd.DataFrame(rows)
    return join(
        [
            table(frame, t("reliability.draws_caption", area=page.area_name), numeric=list(frame.columns[1:])),
            page.note("reliability.draws_note", n=t.number(run.settings.value("run.draws"))),
        ]
    )
