"""What-if on a county's bed page: sliders that redraw the ratio and the crossing year from the model's own draws.

The page carries the elders of every draw and year, so that a crossing year is counted over the same paths as in the
model. Quantiles of single years would not do: which share of the paths has ever been below a line that rises
with building cannot be told from them. Gaps need quantiles only, because at a fixed norm, pace and occupancy they
are straight rising functions of elders or of dependents.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from html import escape

import numpy as np

from eldercare.care import beds_per_1000, crossing_years, year_quantile
from eldercare.report import style
from eldercare.report.html import Html, element, join, prose
from eldercare.report.page import Page

YEARS = (2030, 2035, 2050)
QUANTILES = (0.1, 0.5, 0.9)
# Draws that a page can carry: two bytes each and year.
MOST_DRAWS = 2000
LEVELS = 2**16 - 1
HOLD_UNTIL = 2035
# The drawing, in units of its view box.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 310, 38, 22, 34, 28


@dataclass(frozen=True)
class Case:
    """What the sliders start from, and what they work on.

    Attributes
    ----------
    years : ndarray, shape (years,)
    elders : ndarray, shape (years, draws)
        Elders 60+ whom the norm counts, persons.
    planned : ndarray, shape (years, draws)
        Dependent elders planned for institutions, persons.
    need : ndarray, shape (years, draws)
        Institution beds that need asks for at the scenario's occupancy, which is drawn.
    start, start_institution : float
        Beds before any is added.
    share : float
        Part of the added beds that goes to institutions.
    first_year : int
        First year of building.
    norm, occupancy, pace : float
        Beds per 1,000 elders, residents over beds, beds per year.
    """

    years: np.ndarray
    elders: np.ndarray
    planned: np.ndarray
    need: np.ndarray
    start: float
    start_institution: float
    share: float
    first_year: int
    norm: float
    occupancy: float
    pace: float

    @property
    def building_years(self) -> np.ndarray:
        """Years of building done by the end of each year."""
        return np.clip(self.years - self.first_year + 1, 0, None)

    @property
    def supply(self) -> np.ndarray:
        """All beds by year."""
        return self.start + self.pace * self.building_years

    @property
    def ratio(self) -> np.ndarray:
        """Beds per 1,000 elders: 10th, 50th, 90th percentile by year."""
        return np.quantile(beds_per_1000(self.supply[:, None], self.elders), QUANTILES, axis=1)

    @property
    def crossed(self) -> tuple[float, float, float]:
        """First year below the norm: 10th, 50th, 90th percentile; infinite when not within the years."""
        years = crossing_years(beds_per_1000(self.supply[:, None], self.elders), self.years, self.norm)
        return tuple(year_quantile(years, q) for q in QUANTILES)

    @property
    def gap(self) -> np.ndarray:
        """Beds missing by the norm: quantiles by year."""
        return np.quantile(self.elders, QUANTILES, axis=1) * self.norm / 1000 - self.supply

    @property
    def gap_need(self) -> np.ndarray:
        """Institution beds missing by need: quantiles by year."""
        supply = self.start_institution + self.pace * self.share * self.building_years
        return np.quantile(self.need, QUANTILES, axis=1) - supply


def case(page: Page) -> Case:
    """Return the case of a county's page; a plan other than an even pace is replaced by its average pace."""
    run, settings = page.run, page.run.settings
    county = run.counties[run.area]
    years = run.years
    first = int(settings.value("supply.first_year"))
    supply = sum(county.supply.values())
    plan = settings.value("supply.plan")
    start = sum(run.split(i).values[run.area] for i in ("beds_institutional", "beds_home_care_centres"))
    if plan == "steady":
        pace = float(settings.value("supply.beds_per_year"))
    else:
        added = float(supply[np.searchsorted(years, HOLD_UNTIL)]) - start
        pace = max(round(added / (HOLD_UNTIL - first + 1), -1), 0.0)
    return Case(
        years,
        run.elders(basis=settings.value("beds.ratio_basis")),
        county.need.dependents * county.need.shares["institution"],
        county.demand.need["institution"],
        start,
        run.split("beds_institutional").values[run.area],
        float(settings.value("beds.norm_institution_share")),
        first,
        float(settings.value("beds.norm")),
        float(settings.value("beds.occupancy_institution")),
        pace,
    )


def pack(draws: np.ndarray) -> dict[str, object]:
    """Return draws as 16-bit steps between the least and the greatest of each year, in base64.

    The error is at most half a step: less than a person where a year's draws lie within 100,000 of each other.

    Examples
    --------
    >>> pack(np.array([[1.0, 3.0], [5.0, 5.0]]))["low"]
    [1.0, 5.0]
    """
    low = draws.min(axis=1)
    step = (draws.max(axis=1) - low) / LEVELS
    levels = np.rint((draws - low[:, None]) / np.where(step > 0, step, 1)[:, None])
    text = b64encode(levels.astype("<u2").tobytes()).decode("ascii")
    return {"low": low.tolist(), "step": step.tolist(), "draws": draws.shape[1], "levels": text}


def what_if(page: Page) -> Html:
    """Return the figure with its sliders; without a script the figure stands as it is and the sliders stay hidden."""
    t = page.t
    if page.is_city:
        return page.note("what_if.counties_only")
    if int(page.run.settings.value("run.draws")) > MOST_DRAWS:
        return page.note("what_if.too_many", most=t.number(MOST_DRAWS))
    one = case(page)
    plan = page.run.settings.value("supply.plan")
    parts = [
        element("p", prose(t("what_if.intro", first=one.first_year))),
        *([] if plan in ("frozen", "steady") else [page.note("what_if.instead", pace=t.number(one.pace))]),
        element("div", join([_figure(page, one), _form(page, one)]), cls="bench"),
        _results(page, one),
        page.note("what_if.same"),
        element("script", Html(_data(page, one)), type="application/json"),
    ]
    return element("div", join(parts), cls="what-if", id="what-if-tool")


def _top(one: Case) -> float:
    return max(100.0, float(np.ceil(one.norm / 20) * 20))


def _x(one: Case, year: float) -> float:
    first, last = one.years[0], one.years[-1]
    return LEFT + (year - first) / (last - first) * (WIDTH - LEFT - RIGHT)


def _y(one: Case, value: float) -> float:
    return TOP + (1 - value / _top(one)) * (HEIGHT - TOP - BOTTOM)


def _line(one: Case, values: np.ndarray) -> str:
    return " ".join(f"{_x(one, year):.1f},{_y(one, value):.1f}" for year, value in zip(one.years, values, strict=True))


def _figure(page: Page, one: Case) -> Html:
    t = page.t
    title = t("what_if.title", area=page.area_name)
    low, middle, high = one.ratio
    crossed = one.crossed[1]
    mark = _x(one, crossed) if np.isfinite(crossed) and crossed > one.years[0] else -100.0
    grid = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(one, v):.1f}" y2="{_y(one, v):.1f}" stroke="{style.RULE}"/>'
        f'<text x="{LEFT - 7}" y="{_y(one, v) + 5:.1f}" text-anchor="end">{t.number(v)}</text>'
        for v in range(0, int(_top(one)) + 1, 20)
    ]
    ticks = [
        f'<text x="{_x(one, year):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{year}</text>'
        for year in range(int(one.years[0]), int(one.years[-1]) + 1, 10)
    ]
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'aria-labelledby="what-if-t what-if-d" font-size="14" fill="currentColor">',
        f'<title id="what-if-t">{escape(title, quote=False)}</title>',
        f'<desc id="what-if-d">{escape(_answer(page, one), quote=False)}</desc>',
        f'<clipPath id="what-if-clip"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/></clipPath>',
        f'<text x="0" y="16" fill="{style.GREY}">{escape(t("beds.axis_ratio"), quote=False)}</text>',
        *grid,
        *ticks,
        f'<g clip-path="url(#what-if-clip)"><polygon data-part="band" fill="{style.BLUE}" fill-opacity="0.18" '
        f'points="{_line(one, low)} {" ".join(reversed(_line(one, high).split()))}"/>',
        f'<polyline data-part="line" fill="none" stroke="{style.BLUE}" stroke-width="3" '
        f'points="{_line(one, middle)}"/></g>',
        f'<g data-part="norm" transform="translate(0 {_y(one, one.norm):.1f})">'
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" stroke="{style.INK}" stroke-width="1.6"/>'
        f'<text data-part="norm-label" x="{WIDTH - RIGHT}" y="-6" text-anchor="end">'
        f"{escape(t('beds.line_norm', norm=t.number(one.norm)), quote=False)}</text></g>",
        f'<g data-part="mark" transform="translate({mark:.1f} 0)"><line y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
        f'stroke="{style.ORANGE}" stroke-width="2" stroke-dasharray="4 3"/>'
        f'<text data-part="mark-label" x="6" y="{TOP + 12}" fill="{style.ORANGE}" font-weight="700">'
        f"{'' if mark < 0 else t('site.year', year=int(crossed))}</text></g>",
        "</svg>",
    ]
    return element(
        "figure",
        join(
            [
                element("figcaption", title),
                element("div", Html("".join(svg)), cls="plot", role="group", tabindex="0", aria_label=title),
                element("p", _answer(page, one), cls="finding", aria_live="polite", data_part="answer"),
                element("p", t("beds.source_allocated"), cls="source"),
            ]
        ),
        cls="chart live",
    )


def _answer(page: Page, one: Case) -> str:
    t, crossed = page.t, one.crossed[1]
    gap = float(one.gap[1][np.searchsorted(one.years, HOLD_UNTIL)])
    return (
        t(f"what_if.{_when(one, crossed)}", **_words(page, one))
        + t("page.space")
        + t("what_if.short" if gap > 0 else "what_if.spare", gap=t.number(abs(gap)), until=HOLD_UNTIL)
    )


def _when(one: Case, crossed: float) -> str:
    return "never" if np.isinf(crossed) else "already" if crossed <= one.years[0] else "from"


def _words(page: Page, one: Case) -> dict[str, object]:
    crossed = one.crossed[1]
    return {
        "norm": page.t.number(one.norm),
        "year": "" if np.isinf(crossed) else int(crossed),
        "first": int(one.years[0]),
        "last": int(one.years[-1]),
    }


def _form(page: Page, one: Case) -> Html:
    t = page.t
    most = max(np.ceil(1.5 * _pace_to_hold(one) / 100) * 100, np.ceil(one.pace / 100) * 100, 100.0)
    sliders = (
        ("norm", t("what_if.norm"), min(20.0, one.norm), _top(one), 1, one.norm, t.number(one.norm)),
        ("pace", t("what_if.pace", first=one.first_year), 0, most, 10, one.pace, t.number(one.pace)),
        ("occupancy", t("what_if.occupancy"), 30, 100, 1, one.occupancy * 100, t.percent(one.occupancy, 0)),
    )
    rows = []
    for name, label, low, high, step, value, shown in sliders:
        rows.append(
            f'<p><label for="what-if-{name}">{escape(label, quote=False)}</label>'
            f'<output for="what-if-{name}">{shown}</output>'
            f'<input type="range" id="what-if-{name}" name="{name}" min="{low:g}" max="{high:g}" step="{step}" '
            f'value="{value:g}" aria-valuetext="{shown}"></p>'
        )
    reset = f'<button type="reset">{escape(t("what_if.reset"), quote=False)}</button>'
    return Html(f'<form hidden aria-label="{escape(t("what_if.sliders"))}">{"".join(rows)}{reset}</form>')


def _pace_to_hold(one: Case) -> float:
    elders = float(np.median(one.elders[np.searchsorted(one.years, HOLD_UNTIL)]))
    return max(elders * one.norm / 1000 - one.start, 0) / (HOLD_UNTIL - one.first_year + 1)


def _results(page: Page, one: Case) -> Html:
    t = page.t
    low, middle, high = one.ratio
    at = {year: int(np.searchsorted(one.years, year)) for year in YEARS}

    def cell(name: str, year: int, text: str, spread: str = "") -> str:
        more = f' <small data-cell="{name}-range-{year}">{spread}</small>' if spread else ""
        return f'<td class="num"><span data-cell="{name}-{year}">{text}</span>{more}</td>'

    def quantiles(name: str, values: np.ndarray, decimals: int = 0) -> list[str]:
        return [
            cell(name, y, t.number(values[1][i], decimals), f"({t.interval(values[0][i], values[2][i], decimals)})")
            for y, i in at.items()
        ]

    rows = [
        (t("what_if.r_supply"), [cell("supply", y, t.number(one.supply[i])) for y, i in at.items()]),
        (t("what_if.r_ratio"), quantiles("ratio", np.array([low, middle, high]), 1)),
        (t("what_if.r_gap"), quantiles("gap", one.gap)),
        (t("what_if.r_need"), quantiles("need", one.gap_need)),
    ]
    caption = t("what_if.caption", area=page.area_name)
    head = "".join(element("th", t("site.year", year=y), scope="col", cls="num") for y in YEARS)
    body = "".join(f"<tr>{element('th', name, scope='row')}{''.join(cells)}</tr>" for name, cells in rows)
    return element(
        "div",
        Html(
            f'<table class="data">{element("caption", element("span", caption))}'
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
        ),
        cls="table-box",
        role="region",
        tabindex="0",
        aria_label=caption,
    )


def _data(page: Page, one: Case) -> str:
    t = page.t
    planned, need = (np.quantile(v, QUANTILES, axis=1).round(4).tolist() for v in (one.planned, one.need))
    keys = ("from", "already", "never", "short", "spare")
    raw = {
        "years": [int(y) for y in one.years],
        "shown": YEARS,
        "until": HOLD_UNTIL,
        "elders": pack(one.elders),
        "planned": planned,
        "need": need,
        "start": one.start,
        "startInstitution": one.start_institution,
        "share": one.share,
        "firstYear": one.first_year,
        "base": {"norm": one.norm, "pace": one.pace, "occupancy": one.occupancy},
        "frame": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "limit": _top(one),
        "texts": {key: _template(page, f"what_if.{key}") for key in keys}
        | {
            "normLabel": _template(page, "beds.line_norm"),
            "year": _template(page, "site.year"),
            "interval": t("what_if.interval", low="{low}", high="{high}"),
            "space": t("page.space"),
        },
    }
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _template(page: Page, key: str) -> str:
    """Return a text with its fields left open, for the script to fill."""
    fields = {name: "{" + name + "}" for name in ("norm", "year", "first", "last", "gap", "until")}
    return page.t(key, **fields)
