"""Beds: the ratio against the norm, supply against both kinds of demand, and what makes the gap."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eldercare.care.beds import gap_state
from eldercare.inputs.observed import last_year
from eldercare.model import Results
from eldercare.model.supply import BED_INDICATORS, BED_TYPES
from eldercare.report import marks, style
from eldercare.report.chart import Chart, bare
from eldercare.report.html import Html, join
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.page import Page

KINDS = (*BED_TYPES, "all")
BASES = {"registered": style.ORANGE, "resident": style.BLUE}
LADDERS = {"ratio": style.BLUE, "need": style.PURPLE}
# A gap below this share of the demand is none.
SMALL = 0.01


def rows_of(run: Results, kind: str = "all") -> pd.DataFrame:
    """Return the beds of one kind, indexed by year."""
    return run.beds[run.beds["bed_type"] == kind].set_index("year")


def allocated(page: Page) -> bool:
    """Say whether the beds of the area were split from the city's total."""
    return bool(page.run.beds["allocated"].iloc[0])


def own_crossing(run: Results) -> pd.Series:
    """Return the crossing row of the scenario's own norm."""
    return run.crossing[np.isclose(run.crossing["norm"], run["beds.norm"])].iloc[0]


def gap_text(page: Page, row: Mapping[str, float], other: Mapping[str, float]) -> str:
    """Return the gap by the norm in words, with its interval: short, to spare, or not certain which; and of the other.

    ``row`` and ``other`` are of the basis that the norm counts, and of the other one.
    """
    low, mean, high = (row[f"gap_ratio_{part}"] for part in ("p10", "mean", "p90"))
    near, far = sorted((abs(low), abs(high)))
    words = {"basis": page.say(f"basis_{row['basis']}"), "other_basis": page.say(f"basis_{other['basis']}")}
    sizes = {"gap": abs(mean), "low": near, "high": far, "spare": -low, "missing": high}
    every = [low, mean, high, other["gap_ratio_mean"]]
    other_gap = _short(page, other["gap_ratio_mean"], every)
    return page.say(f"answer_gap_{gap_state(low, high)}", among=every, other=other_gap, **words, **sizes)


def said(page: Page) -> list[str]:
    """Return the answer in sentences: today's ratio on both bases, the gap of the near year, when the norm is met."""
    run, table = page.run, page.run.table("beds").query("bed_type == 'all'").set_index("year")
    own, other = (table[table["basis"] == basis] for basis in run.bases)
    ratios = {name: page.t.number(rows["beds_per_1000"][page.now]) for name, rows in (("ratio", own), ("other", other))}
    words = {"basis": page.say(f"basis_{run.bases[0]}"), "other_basis": page.say(f"basis_{run.bases[1]}")}
    sentences = [
        page.say("answer_now", now=page.now, norm=page.t.number(run["beds.norm"]), **ratios, **words),
        gap_text(page, own.loc[page.near], other.loc[page.near]),
    ]
    met, built = own_crossing(run)["met_again_year_p50"], abs(own["supply"].iloc[-1] - own["supply"].iloc[0]) > 1
    if pd.isna(met) and built:
        sentences.append(page.say("answer_not_met"))
    elif pd.notna(met) and met > page.first:
        sentences.append(page.say("answer_met", year=int(met)))
    return sentences


def answer(page: Page) -> Html:
    """Return the answer of the page, and where its beds come from."""
    return page.answer(*said(page), allocated=allocated(page), own=list(BED_INDICATORS.values()))


def met_text(page: Page, year: float) -> str:
    """Return from when on a norm is met again, in words: a year, not below at all, or below at the end."""
    return page.say("met_never_below") if year == page.first else page.year_text(year)


def ratio(run: Results) -> pd.DataFrame:
    """Return beds per 1,000 people aged 60 and over by year on both bases (columns registered, resident)."""
    return run.summary({basis: run.bed_ratio(basis=basis) for basis in BASES})


def ratio_chart(page: Page, ratio: pd.DataFrame) -> Chart:
    """Draw beds per 1,000 elders on both bases (columns registered, resident) against the norm."""
    norm = page.t.number(page.run["beds.norm"])
    own, other = page.run.bases
    series = [page.line(basis, colour, dashed=basis == other) for basis, colour in BASES.items()]
    rule = (page.run["beds.norm"], page.say("line_norm", norm=norm))
    years = {"start": page.first, "mid": page.near, "end": page.last}
    told: dict[str, Any] = {name: page.t.number(ratio.loc[year, own]) for name, year in years.items()}
    told |= {f"other_{name}": page.t.number(ratio.loc[year, other]) for name, year in years.items()}
    told |= {"basis": page.say(f"basis_{own}"), "other_basis": page.say(f"basis_{other}")}
    return page.chart(
        "ratio",
        ratio,
        ["year", *(f"{basis} .1 ~" for basis in BASES)],
        marks.lines(page.t, Panel(ratio, series, rules=[rule]), Axis(page.say("axis_ratio"))),
        allocated=allocated(page),
        norm=norm,
        printed=page.t.number(page.run.reported("beds_per_1000_elders")),
        **told,
    )


def first_county(page: Page) -> Html:
    """Name the county that runs short first, and how likely no other does so earlier; on the city's page only.

    Where beds of counties are shares of a total the order would only be that of the shares, and none is named.
    """
    if not page.is_city:
        # On a county's page it would change with every other county.
        return Html("")
    shares = [county for county in page.run.members() if page.run.is_allocated(list(BED_INDICATORS.values()), county)]
    if shares:
        return page.finding(page.say("first_allocated", areas=page.areas_of(shares)))
    frame = page.run.first_short
    already = list(frame.loc[frame["already"], "area"])
    later = frame[~frame["already"] & frame["crossing_year_p50"].notna()]
    sentences = []
    if already:
        key = "first_all" if len(already) == len(frame) else "first_already"
        sentences.append(page.say(key, areas=page.areas_of(already)))
    if len(later):
        top = later.loc[later["probability_first"].idxmax()]
        year, probability = int(top["crossing_year_p50"]), page.t.percent(top["probability_first"], 0)
        key = "first_next" if already else "first_county"
        sentences.append(page.say(key, area=page.area_of(top["area"]), year=year, probability=probability))
    elif len(already) < len(frame):
        sentences.append(page.say("first_no_other" if already else "first_none"))
    return page.finding(*sentences)


def counted_in(page: Page) -> int:
    """Return the first year whose beds are those of the city's last count."""
    return max(page.first, last_year(page.run.project, *BED_INDICATORS.values()))


def demand(run: Results, kind: str) -> pd.DataFrame:
    """Return supply and both demands of a kind of bed by year, with their intervals."""
    wanted = {ladder: run.bed_demand(kind=kind, ladder=ladder) for ladder in LADDERS}
    frame, counted = run.summary({"supply": run.bed_supply(kind=kind), **wanted}), run.counted(BED_INDICATORS[kind])
    return frame.assign(counted=counted) if counted.notna().any() else frame


def demand_chart(page: Page, frames: Mapping[str, pd.DataFrame]) -> Chart:
    """Draw supply against demand by the norm and by need, for each kind of bed (see :func:`demand`)."""
    series = [page.line(name, c, f"line_demand_{name}", dashed=name == "need") for name, c in LADDERS.items()]
    series.append(page.line("supply", style.INK, width=2.4))
    names = {kind: page.say(f"kind_{kind}") for kind in frames}
    points = {kind: [Series("counted", "", style.INK)] if "counted" in frame else [] for kind, frame in frames.items()}
    panels = [Panel(frame, series, names[kind], points=points[kind]) for kind, frame in frames.items()]
    rows = {kind: rows_of(page.run, kind).loc[page.target] for kind in frames}
    gaps = pd.DataFrame({kind: {name: row[f"gap_{name}_mean"] for name in LADDERS} for kind, row in rows.items()})
    short = gaps.map(lambda gap: _short(page, gap, gaps.to_numpy().flat)).to_dict()
    pieces = [page.say("demand_alt_kind", kind=names[kind], **short[kind]) for kind in frames]
    columns = ["kind :kind", "year", "supply ~", *(["counted"] if any(points.values()) else [])]
    return page.chart(
        "demand",
        pd.concat(frames, names=["kind"]).reset_index(),
        [*columns, *(f"{name} ~ =c_demand_{name}" for name in LADDERS)],
        marks.lines(page.t, panels, Axis(unit="beds"), height=3.9),
        allocated=allocated(page),
        shown=page.years,
        way=page.choice("need.institution_by"),
        pieces=page.t.sentences(pieces, "semicolon"),
    )


def _short(page: Page, value: float, beside: Iterable[float] = ()) -> str:
    return page.say("short" if value > 0 else "spare", n=abs(value), among=beside)


def year_ranges(page: Page, years: Sequence[int]) -> str:
    """Return ascending years as ranges: 2021 to 2024, 2030."""
    runs = np.split(np.array(years), np.flatnonzero(np.diff(years) > 1) + 1)
    ends = [(run[0], run[-1]) for run in runs]
    return page.t.join([str(a) if a == b else page.t("page.years", first=a, last=b) for a, b in ends])


def disagreeing(rows: pd.DataFrame) -> dict[str, list[int]]:
    """Return the years in which the ladders disagree whether beds are missing.

    ``idle``: the norm is missed and need is met; ``queue``: the norm is met and need is not. A gap below
    1% of the demand is no shortage.
    """
    by_norm = rows["gap_ratio_mean"] > SMALL * rows["demand_ratio"]
    by_need = rows["gap_need_mean"] > SMALL * rows["demand_need"]
    years = rows["year"].astype(int)
    return {"queue": years[by_need & ~by_norm].tolist(), "idle": years[by_norm & ~by_need].tolist()}


def disagreement(page: Page) -> Html:
    """Name the counties and years in which the two ladders disagree, and by how many beds in the target year."""
    run = page.run
    frame = run.everywhere("beds") if page.is_city else run.beds
    frame = frame[frame["basis"] == run.bases[0]]
    items = []
    for kind in KINDS:
        of_kind = frame[frame["bed_type"] == kind]
        found = {county: disagreeing(of_kind[of_kind["area"] == county]) for county in run.members()}
        sentences = []
        for case in ("queue", "idle"):
            places = [(page.area_of(c), year_ranges(page, years[case])) for c, years in found.items() if years[case]]
            if len(places) == len(run.members()) > 1 and len({spans for _, spans in places}) == 1:
                places = [(page.say("all_counties"), places[0][1])]
            if named := [page.say("place_years", area=area, years=spans) for area, spans in places]:
                sentences.append(page.say(f"ladders_{case}", places=page.t.sentences(named, "semicolon")))
        row = rows_of(run, kind).loc[page.target]
        more = float(row["demand_need"] - row["demand_ratio"])
        sentences = sentences or [page.say("ladders_agree")]
        sentences.append(page.say("need_above" if more > 0 else "need_below", n=abs(more)))
        head, text = page.say(f"kind_{kind}") + page.t("page.colon"), page.t.sentences(sentences)
        items.append(Html("<li><strong>{}</strong>{}</li>").format(head, text))
    return Html('<ul class="findings">{}</ul>').format(join(items))


def origin(page: Page, key: str) -> str:
    """Say whether a value is the ``national`` one of the defaults or was ``given`` for the area or the scenario."""
    return "national" if len(page.run.settings.read(key).trail) == 1 else "given"


def counties_chart(page: Page, gaps: pd.DataFrame) -> Chart:
    """Draw the gap by the norm of each county in the target year, the largest first, with 80% intervals."""
    frame = bare(gaps).sort_values("gap_ratio", ascending=False)
    rate = frame["gap_ratio"] / frame["elders_60plus"] * 1000
    top, worst = frame.iloc[0], frame.loc[rate.idxmax()]
    case = "none" if top["gap_ratio"] <= 0 else "allocated" if frame["allocated"].all() else "reported"
    return page.chart(
        "counties",
        frame,
        ["area", "supply", "allocated", "gap_ratio ~"],
        marks.bars(page.t, frame, {"gap_ratio": ""}, [*map(page.area_of, frame["area"])], Axis(page.say("axis_gap"))),
        key=f"counties_alt_{case}",
        allocated=allocated(page),
        top=page.area_of(top["area"]),
        gap=_short(page, top["gap_ratio"]),
        worst=page.area_of(worst["area"]),
        rate=page.t.number(rate.max(), 1),
    )
