"""What-if on a county's bed page: sliders that redraw the ratio and the crossing year from the model's own draws.

The page carries the elders and the beds there are of every draw and year, so that a crossing year is counted over the
same paths as in the model; which share of the paths has ever been below a line that rises with building cannot be told
from quantiles of single years. This module only hands over the numbers and the words: the script of the page computes
and draws.
"""

from __future__ import annotations

import json
from base64 import b64encode

import htpy as h
import numpy as np
from markupsafe import Markup

from eldercare.model.draws import total
from eldercare.model.supply import BED_INDICATORS
from eldercare.report import style
from eldercare.report.html import Html, TwoFold, prose
from eldercare.report.page import Page
from eldercare.report.text import catalogue, placeholders

# Draws that a page can carry: two bytes each and year.
MOST_DRAWS = 2000
LEVELS = 2**16 - 1
# Plans whose beds grow by the same number every year, which the sliders can take over as they are.
EVEN = ("frozen", "steady")
ROWS = ("supply", "ratio", "gap", "need")
TEXTS = (
    *(f"what_if.{name}" for name in ("from", "already", "never", "again", "not_again", "short", "spare")),
    *("beds.line_norm", "beds.axis_ratio", "page.from_to", "page.space"),
)


def pack(draws: np.ndarray) -> dict[str, object]:
    """Return draws (years, draws) as 16-bit steps between the least and the greatest of each year, in base64.

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


def start(page: Page) -> dict[str, float]:
    """Return what the sliders start from: norm, occupancy of institutions, and an even pace of building, beds a year.

    A plan other than an even pace is replaced by its average until the target year.
    """
    run = page.run
    first, supply = int(run["supply.first_year"]), run.bed_supply().mean(axis=1)
    added = float(supply[page.target - page.first]) - sum(run.counties[run.area].beds_at_start.values())
    even = max(round(added / max(page.target - first + 1, 1), -1), 0.0)
    pace = float(run["supply.beds_per_year"]) if run["supply.plan"] == "steady" else even
    return {"norm": float(run["beds.norm"]), "pace": pace, "occupancy": float(run["beds.occupancy_institution"])}


def numbers(page: Page) -> dict[str, object]:
    """Return everything that the script computes and draws from, as plain values."""
    run, county, shown = page.run, page.run.counties[page.run.area], [page.near, page.target, page.last]
    stock = {kind: county.stock(indicator) for kind, indicator in BED_INDICATORS.items()}
    at = [run.position(year) for year in shown]
    norm = float(run["beds.norm"])
    base = start(page)
    until, first = page.target, int(run["supply.first_year"])
    elders = run.elders(basis=run["beds.ratio_basis"])
    missing = elders[until - page.first].mean() * norm / 1000 - sum(county.beds_at_start.values())
    hold = max(missing, 0) / max(until - first + 1, 1)
    top = max(100.0, float(np.ceil(norm / 20) * 20))
    most = max(np.ceil(1.5 * hold / 100) * 100, np.ceil(base["pace"] / 100) * 100, 100.0)
    return {
        "years": run.years.tolist(),
        "shown": shown,
        "until": until,
        "elders": pack(elders),
        "stock": pack(total(stock.values())),
        "institutions": pack(stock["institution"][at]),
        "planned": pack(run.need_draws()["institution"][at]),
        "need": pack(run.bed_demand(kind="institution", ladder="need")[at]),
        "share": float(run["beds.norm_institution_share"]),
        "firstYear": first,
        "base": base,
        "sliders": {"norm": [min(20.0, norm), top, 1], "pace": [0, most, 10], "occupancy": [30, 100, 1]},
        "limit": top,
        "colours": dict(band=style.BLUE, line=style.BLUE, norm=style.INK, mark=style.ORANGE, grid=style.RULE),
        "texts": {key: _template(page, key) for key in TEXTS},
    }


def _template(page: Page, key: str) -> str:
    """Return a text with its fields left open, for the script to fill."""
    text = catalogue()[key][page.t.language]
    return text.format(**{name: f"{{{name}}}" for name in placeholders(text)} | page.t.names)


def what_if(page: Page) -> TwoFold | Html | None:
    """Return the sliders with their picture and table; in an open notebook, that they work on the published page.

    The city has none: its counties differ in what the sliders change.
    """
    if page.is_city:
        return None
    if int(page.run["run.draws"]) > MOST_DRAWS:
        return page.note("what_if.too_many", most=page.t.number(MOST_DRAWS))
    base, first = start(page), int(page.run["supply.first_year"])
    intro: list[h.Node] = [h.p[prose(page.say("what_if.intro", first=first))]]
    if page.run["supply.plan"] not in EVEN:
        intro.append(page.note("what_if.instead", pace=page.t.number(base["pace"]), until=page.target))
    data = json.dumps(numbers(page), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    title, caption = page.say("what_if.title"), page.say("what_if.caption")
    figure = h.figure(".chart.live")[
        h.figcaption[title],
        h.div(".plot", role="img", aria_label=title, data_part="plot"),
        h.p(".finding", aria_live="polite", data_part="answer"),
        h.p(".source")[page.say("beds.source")],
    ]
    form = h.form(aria_label=page.say("what_if.sliders"))[
        [
            h.p[
                h.label(for_=f"what-if-{name}")[page.say(f"what_if.{name}", first=first)],
                h.output(for_=f"what-if-{name}"),
                h.input(type="range", id=f"what-if-{name}", name=name),
            ]
            for name in base
        ],
        h.button(type="reset")[page.say("what_if.reset")],
    ]
    years = (page.near, page.target, page.last)
    heads = {row: page.say(f"what_if.r_{row}", way=page.choice("need.institution_by")) for row in ROWS}
    table = h.div(".table-box", role="region", tabindex="0", aria_label=caption)[
        h.table(".data")[
            h.caption[h.span[caption]],
            h.thead[h.tr[h.td, [h.th(".num", scope="col")[str(year)] for year in years]]],
            h.tbody[
                [h.tr[h.th(scope="row")[head], [_cell(row, year) for year in years]] for row, head in heads.items()]
            ],
        ]
    ]
    tool = h.div("#what-if-tool.what-if", hidden=True)[
        intro,
        h.div(".bench")[figure, form],
        table,
        page.note("what_if.same"),
        h.script(type="application/json")[Markup(data)],
    ]
    absent = page.note("what_if.no_script")
    return TwoFold(Html(tool) + Html(h.noscript[absent]), page.note("what_if.page_only"))


def _cell(name: str, year: int) -> h.Element:
    return h.td(".num")[h.span(data_cell=f"{name}-{year}"), " ", h.small(data_cell=f"{name}-range-{year}")]
