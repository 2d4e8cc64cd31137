"""Beds: the ratio against the norm, supply against both kinds of demand, need and queue, and what makes the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eldercare.care import gap_state, smallest_home
from eldercare.inputs.bed_changes import FILE
from eldercare.model import Results
from eldercare.model.institutions import PARTS
from eldercare.model.supply import BED_TYPES
from eldercare.report import marks, style
from eldercare.report.chart import Chart, Column, Table, turned
from eldercare.report.html import Html, join
from eldercare.report.marks import Axis, Panel, Series
from eldercare.report.page import Page

KINDS = (*BED_TYPES, "all")
BASES = {"registered": style.ORANGE, "resident": style.BLUE}
LADDERS = {"ratio": style.BLUE, "need": style.PURPLE}
# The two ways in which elders may ask for a place, with the ending of their columns.
CASES = {"today": "_as_today", "need": ""}
# Fewer waiting than this share of the residents is turnover, not a queue; a gap below it is none.
SMALL = 0.01


def rows_of(run: Results, kind: str = "all") -> pd.DataFrame:
    """Return the beds of one kind, indexed by year."""
    return run.beds[run.beds["bed_type"] == kind].set_index("year")


def own_crossing(run: Results) -> pd.Series:
    """Return the crossing row of the scenario's own norm."""
    return run.crossing[np.isclose(run.crossing["norm"], run["beds.norm"])].iloc[0]


def year_text(page: Page, year: float) -> str:
    """Return a crossing year in words: a year, already below at the start, or not within the horizon."""
    if pd.isna(year):
        return page.t("page.never", last=page.last)
    return page.t("page.already", first=page.first) if year <= page.first else str(int(year))


def gap_text(page: Page, row: Mapping[str, float], stem: str = "gap_ratio") -> str:
    """Return a gap in words, with its interval: short, to spare, or not certain which."""
    low, high, mean = row[f"{stem}_p10"], row[f"{stem}_p90"], row[f"{stem}_mean"]
    near, far = sorted((abs(low), abs(high)))
    sizes = {"gap": abs(mean), "low": near, "high": far, "spare": -low, "missing": high}
    words = {name: page.t.rounded(value) for name, value in sizes.items()}
    state = gap_state(low, high)
    return page.say(f"beds.answer_gap_{state}", year=page.near, ratio=page.t.number(row["beds_per_1000"]), **words)


def answer(page: Page) -> Html:
    """Return the answer of the page: when the norm is broken, and how many beds are missing in the near year."""
    crossing, beds = own_crossing(page.run), rows_of(page.run)
    year = crossing["crossing_year_p50"]
    key = "never" if pd.isna(year) else "already" if year <= page.first else "crossing"
    opening = page.say(
        f"answer_{key}",
        norm=page.t.number(crossing["norm"]),
        basis=page.say(f"basis_{crossing['elders_basis']}"),
        year="" if pd.isna(year) else int(year),
        first=page.first,
        last=page.last,
    )
    allocated = bool(beds["allocated"].iloc[0])
    origin = page.say("supply_allocated" if allocated else "supply_reported")
    tagged = Html('<p class="note">{} {}</p>').format(page.supply_tag(allocated), origin)
    return join([page.answer(opening, gap_text(page, beds.loc[page.near])), tagged])


def source(page: Page) -> str:
    """Return a source line, and that the beds are allocated where they are."""
    allocated = bool(page.run.beds["allocated"].iloc[0])
    return page.say("source") + (page.t("page.space") + page.say("also_allocated") if allocated else "")


def ratio(run: Results) -> pd.DataFrame:
    """Return beds per 1,000 people aged 60 and over by year on both bases (columns registered, resident)."""
    return run.summary({basis: run.bed_ratio(basis=basis) for basis in BASES})


def ratio_chart(page: Page, ratio: pd.DataFrame) -> Chart:
    """Draw beds per 1,000 elders on both bases (columns registered, resident) against the norm."""
    norm = page.run["beds.norm"]
    series = [
        Series(basis, page.say(f"line_{basis}"), colour, dashed=basis == "registered", band=basis == "resident")
        for basis, colour in BASES.items()
    ]
    rule = (norm, page.say("line_norm", norm=page.t.number(norm)))
    at = ratio["resident"]
    return page.chart(
        "ratio",
        ratio,
        [page.year_column(), *(Column(b, page.say(f"c_{b}"), 1, interval=True) for b in BASES)],
        marks.lines(page.t, Panel(ratio, series, rules=[rule]), Axis(page.say("axis_ratio"))),
        finding=page.say(
            "ratio_alt",
            **{
                name: page.t.number(at[y])
                for name, y in (("start", page.first), ("mid", page.near), ("end", page.last))
            },
            first=page.first,
            near=page.near,
            last=page.last,
            norm=page.t.number(norm),
        ),
        source=source(page),
    )


def crossing_table(page: Page, crossing: pd.DataFrame) -> Table:
    """Return the crossing year for each norm, with probabilities and the beds per year that hold it."""
    years = {name: (lambda year: year_text(page, year)) for name in ("p50", "p10", "p90", "registered_p50")}
    columns = [
        Column("norm", page.say("c_norm")),
        *(
            Column(f"crossing_year_{name}", page.say(f"c_crossing_{name}"), form="year", words=words)
            for name, words in years.items()
        ),
        *(
            Column(name, page.say("c_probability", year=name.removeprefix("probability_by_")), 0, "percent")
            for name in sorted(crossing)
            if name.startswith("probability_by_")
        ),
        Column("beds_per_year_to_hold", page.say("c_per_year")),
        Column("beds_per_year_to_hold_80", page.say("c_per_year_80")),
    ]
    return page.table("crossing", crossing, columns)


def crossing_note(page: Page) -> Html:
    """Return what the norms are and from when beds are added."""
    return page.note("crossing_note", first=int(page.run["supply.first_year"]))


def first_county(page: Page) -> Html:
    """Name the county that runs short first, and how likely no other does so earlier; on the city's page only."""
    if not page.is_city:
        # On a county's page it would change with every other county.
        return Html("")
    frame = page.run.first_short
    already = [page.area_of(area) for area in frame.loc[frame["already"], "area"]]
    later = frame[~frame["already"] & frame["crossing_year_p50"].notna()]
    values = {"first": page.first, "last": page.last}
    sentences = []
    if already:
        key = "first_all" if len(already) == len(frame) else "first_already"
        sentences.append(page.say(key, areas=page.t.join(already), **values))
    if len(later):
        top = later.loc[later["probability_first"].idxmax()]
        sentences.append(
            page.say(
                "first_next" if already else "first_county",
                area=page.area_of(top["area"]),
                year=int(top["crossing_year_p50"]),
                probability=page.t.percent(top["probability_first"], 0),
            )
        )
    elif len(already) < len(frame):
        sentences.append(page.say("first_no_other" if already else "first_none", **values))
    if any(page.run.is_allocated(["beds_institutional"], county) for county in page.run.members()):
        sentences.append(page.say("first_allocated"))
    return page.finding(*sentences)


def demand(run: Results, kind: str) -> pd.DataFrame:
    """Return supply and both demands of a kind of bed by year, with the intervals of the demands."""
    rows = rows_of(run, kind)
    columns = {"supply": rows["supply"]}
    for ladder in LADDERS:
        columns[ladder] = rows[f"demand_{ladder}"]
        columns |= {f"{ladder}_{q}": rows["supply"] + rows[f"gap_{ladder}_{q}"] for q in ("p10", "p90")}
    return pd.DataFrame(columns)


def demand_chart(page: Page, frames: Mapping[str, pd.DataFrame]) -> Chart:
    """Draw supply against demand by the norm and by need, for each kind of bed (see :func:`demand`)."""
    series = [
        *(
            Series(name, page.say(f"line_demand_{name}"), colour, dashed=name == "need")
            for name, colour in LADDERS.items()
        ),
        Series("supply", page.say("line_supply"), style.INK, width=2.4),
    ]
    panels = [Panel(frame, series, page.say(f"kind_{kind}")) for kind, frame in frames.items()]
    whole = pd.concat({kind: frame for kind, frame in frames.items()}, names=["kind"]).reset_index()
    gaps = {kind: rows_of(page.run, kind).loc[page.target] for kind in frames}
    pieces = [
        page.say(
            "demand_alt_kind",
            kind=page.say(f"kind_{kind}"),
            **{ladder: _short(page, row[f"gap_{ladder}_mean"]) for ladder in LADDERS},
        )
        for kind, row in gaps.items()
    ]
    return page.chart(
        "demand",
        whole,
        [
            Column("kind", page.say("c_kind"), form="text", words={kind: page.say(f"kind_{kind}") for kind in frames}),
            page.year_column(),
            Column("supply", page.say("c_supply")),
            *(Column(name, page.say(f"c_demand_{name}"), interval=True) for name in LADDERS),
        ],
        marks.lines(page.t, panels, Axis(unit="beds"), height=3.9),
        finding=page.say("demand_alt", year=page.target, pieces=page.t("page.semicolon").join(pieces)),
        source=source(page),
        shown=whole["year"].isin(page.years).tolist(),
    )


def _short(page: Page, value: float) -> str:
    return page.say("beds.short" if value > 0 else "beds.spare", n=page.t.rounded(abs(value)))


def gap_table(page: Page, beds: pd.DataFrame) -> Table:
    """Return the gaps by kind for selected years with 80% intervals; positive is a shortage."""
    frame = beds.rename(columns=lambda name: name.removesuffix("_mean")).sort_values("year", kind="stable")
    columns = [
        page.year_column(),
        Column("bed_type", page.say("c_kind"), form="text", words={kind: page.say(f"kind_{kind}") for kind in KINDS}),
        Column("supply", page.say("c_supply")),
        *(Column(f"gap_{ladder}", page.say(f"c_gap_{ladder}"), interval=True) for ladder in LADDERS),
    ]
    return page.table("gap", frame, columns, shown=frame["year"].isin(page.years[1:]).tolist())


def year_ranges(page: Page, years: Sequence[int]) -> str:
    """Return ascending years as ranges: 2021 to 2024, 2030."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return page.t.join([str(a) if a == b else page.t("page.years", first=a, last=b) for a, b in runs])


def disagreeing(rows: pd.DataFrame) -> dict[str, list[int]]:
    """Return the years in which the ladders disagree whether beds are missing.

    ``idle``: the norm is missed and need is met; ``queue``: the norm is met and need is not. A gap below
    1% of the demand is no shortage.
    """
    by_norm = rows["gap_ratio_mean"] > SMALL * rows["demand_ratio"]
    by_need = rows["gap_need_mean"] > SMALL * rows["demand_need"]
    return {
        "queue": [int(year) for year in rows["year"][by_need & ~by_norm]],
        "idle": [int(year) for year in rows["year"][by_norm & ~by_need]],
    }


def disagreement(page: Page) -> Html:
    """Name the counties and years in which the two ladders disagree, and by how many beds in the target year."""
    run = page.run
    frame = run.everywhere("beds") if page.is_city else run.beds
    items = []
    for kind in KINDS:
        of_kind = frame[frame["bed_type"] == kind]
        found = {county: disagreeing(of_kind[of_kind["area"] == county]) for county in run.members()}
        sentences = []
        for case in ("queue", "idle"):
            places = [(page.area_of(c), year_ranges(page, years[case])) for c, years in found.items() if years[case]]
            if len(places) == len(run.members()) > 1 and len({spans for _, spans in places}) == 1:
                places = [(page.say("all_counties"), places[0][1])]
            named = [page.say("place_years", area=area, years=spans) for area, spans in places]
            if named:
                sentences.append(page.say(f"ladders_{case}", places=page.t("page.semicolon").join(named)))
        row = rows_of(run, kind).loc[page.target]
        more = row["demand_need"] - row["demand_ratio"]
        key = "need_above" if more > 0 else "need_below"
        sentences = sentences or [page.say("ladders_agree")]
        sentences.append(page.say(key, year=page.target, n=page.t.rounded(abs(more))))
        text = page.t("page.space").join(sentences)
        items.append(
            Html("<li><strong>{}{}</strong>{}</li>").format(page.say(f"kind_{kind}"), page.t("page.colon"), text)
        )
    return Html('<ul class="findings">{}</ul>').format(join(items))


def origin(page: Page, key: str) -> str:
    """Say whether a value is the ``national`` one of the defaults or was ``given`` for the area or the scenario."""
    return "national" if len(page.run.settings.read(key).trail) == 1 else "given"


def need_table(page: Page, need: pd.DataFrame) -> Table:
    """Return need, demand and use as rows, milestone years as columns; use is known for the first year only."""
    years = [year for year in page.years if year <= page.target or year == page.last]
    frame = turned(need, years)
    columns = [
        Column("row", page.say("c_persons"), form="text", words=lambda name: page.say(f"row_{name}")),
        *(Column(str(year), str(year), interval=True) for year in years),
    ]
    return page.table("need", frame, columns)


def need_finding(page: Page, need: pd.DataFrame) -> Html:
    """Compare the care planned in institutions with the persons who live there today."""
    now, beds = need.iloc[0], float(rows_of(page.run, "institution")["supply"].iloc[0])
    sentence = page.say(
        "need_above_use" if now["institution"] > now["use"] else "need_below_use",
        need=page.t.rounded(now["institution"]),
        use=page.t.rounded(now["use"]),
        beds=page.t.rounded(beds),
        occupancy=page.t.percent(now["use"] / beds, 0) if beds else page.t("page.none"),
        source=page.say(f"occupancy_{origin(page, 'beds.occupancy_institution_now')}"),
    )
    return page.finding(sentence)


def queue_chart(page: Page, institutions: pd.DataFrame) -> Chart:
    """Draw residents, beds and waiting if as many ask as today, and if all in need ask."""
    frame = institutions.rename(columns=lambda name: name.removesuffix("_mean"))
    stocks = {"residents": style.BLUE, "waiting": style.ORANGE}
    panels = []
    for case, ending in CASES.items():
        series = [
            *(
                Series(f"{stock}{ending}", page.say(f"line_{stock}"), colour, dashed=stock == "waiting")
                for stock, colour in stocks.items()
            ),
            Series("supply", page.say("line_beds"), style.INK, width=2.4),
        ]
        panels.append(Panel(frame, series, page.say(f"panel_{case}")))
    columns = [
        page.year_column(),
        Column("supply", page.say("c_supply")),
        *(
            Column(f"{stock}{ending}", page.say(f"c_{stock}_{case}"), interval=True)
            for case, ending in CASES.items()
            for stock in stocks
        ),
    ]
    return page.chart(
        "queue",
        frame,
        columns,
        marks.lines(page.t, panels, Axis(unit="beds_and_persons"), height=3.9),
        finding=page.t("page.space").join(_queue_sentence(page, frame, case) for case in CASES),
        source=source(page),
    )


def full_from(rows: pd.DataFrame, ending: str) -> int | None:
    """Return the first year in which more wait on average than turnover explains, or None."""
    queue = rows[f"waiting{ending}"] > SMALL * rows[f"residents{ending}"]
    return int(queue.idxmax()) if queue.any() else None


def _queue_sentence(page: Page, rows: pd.DataFrame, case: str) -> str:
    ending, until = CASES[case], page.target
    full = full_from(rows, ending)
    key = "queue_never" if full is None else "queue_later" if full > until else "queue_full"
    row, last = rows.loc[until], rows.iloc[-1]
    return page.say(
        key,
        case=page.say(f"case_{case}"),
        year=full,
        until=until,
        last=page.last,
        waiting=page.t.rounded(row[f"waiting{ending}"]),
        low=page.t.rounded(row[f"waiting{ending}_p10"]),
        high=page.t.rounded(row[f"waiting{ending}_p90"]),
        occupancy=page.t.percent(last[f"residents{ending}"] / last["supply"], 0)
        if last["supply"]
        else page.t("page.none"),
    )


def margin_table(page: Page, margin: pd.DataFrame) -> Table:
    """Return how full homes of several sizes can be run (columns beds, occupancy); the last is of the mean size."""
    mean = margin["beds"].iloc[-1]
    frame = margin.assign(beds_per_100=np.ceil(100 / margin["occupancy"]), mean_size=margin.index == margin.index[-1])

    def size(beds: float) -> str:
        return page.say("home_mean", n=page.t.number(beds)) if beds == mean else page.t.number(beds)

    columns = [
        Column("beds", page.say("c_home"), words=size),
        Column("occupancy", page.say("c_occupancy"), 1, "percent"),
        Column("beds_per_100", page.say("c_beds_per_100")),
    ]
    return page.table("margin", frame, columns, allowed=page.t.percent(page.run["beds.turned_away"], 0))


def margin_finding(page: Page, margin: pd.DataFrame) -> Html:
    """Say what small homes cost in room, and from which size on the target occupancy can be reached."""
    target, allowed = page.run["beds.occupancy_institution"], page.run["beds.turned_away"]
    first, mean, size = margin.iloc[0], margin.iloc[-1], smallest_home(target, allowed)
    key = "margin_none" if size is None else "margin_all" if size <= first["beds"] else "margin_some"
    values = {
        "mean": page.t.number(mean["beds"]),
        "mean_occupancy": page.t.percent(mean["occupancy"], 0),
        "small": page.t.number(first["beds"]),
        "small_occupancy": page.t.percent(first["occupancy"], 0),
        "allowed": page.t.percent(allowed, 0),
        "target": page.t.percent(target, 0),
        "size": page.t.number(size or 0),
    }
    return page.finding(page.say("margin_said", **values), page.say(key, **values))


def supply_finding(page: Page) -> Html:
    """Say what the plan in force builds, and the pace that the norm needs beside the country's."""
    run, until = page.run, page.target
    supply, row = rows_of(run)["supply"], own_crossing(run)
    more = supply.loc[until] - supply.iloc[0]
    key = "plan_same" if abs(more) < 0.5 else "plan_more" if more > 0 else "plan_fewer"
    plan = page.say(
        key,
        plan=page.value("supply.plan", run["supply.plan"]),
        year=until,
        beds=page.t.rounded(supply.loc[until]),
        more=page.t.rounded(abs(more)),
    )
    pace = run.national_pace
    china, safe = float(supply.iloc[0]) * pace["growth"], row["beds_per_year_to_hold_80"]
    key = "pace_nothing" if safe == 0 else "pace_faster" if safe > china else "pace_slower"
    needed = page.say(
        key,
        norm=page.t.number(row["norm"]),
        until=until,
        even=page.t.rounded(row["beds_per_year_to_hold"]),
        safe=page.t.rounded(safe),
        growth=page.t.percent(pace["growth"]),
        china=page.t.rounded(china),
        times=page.t.number(safe / china, 1) if china else page.t("page.none"),
        **{"from": int(run["supply.first_year"]), "first": int(pace["first"]), "last": int(pace["last"])},
    )
    return page.finding(plan, needed)


def changes_table(page: Page) -> Table | Html:
    """Return the openings, closings and conversions that are tabled for the area, or that there are none."""
    changes = page.run.bed_changes
    changes = changes[changes["area"].isin(page.run.members())]
    if changes.empty:
        return page.note("changes_none", file=FILE)
    columns = [
        page.year_column(),
        page.area_column(),
        Column("bed_type", page.say("c_kind"), form="text", words=lambda kind: page.say(f"kind_{kind}")),
        Column("operation", page.say("c_operation"), form="text", words=lambda name: page.say(f"operation_{name}")),
        Column("beds", page.say("c_beds")),
        Column("allocated", page.t("page.c_kind"), form="text", words=lambda flag: page.supply_tag(bool(flag))),
    ]
    shown = page.table("changes", changes.reset_index(drop=True), columns, shown=[True] * len(changes))
    return shown if page.run["supply.plan"] == "planned" else join([shown, page.note("changes_unused")])


def county_evidence(page: Page) -> Html:
    """Show the published county figures of institution beds, and why they do not replace the allocated number."""
    notes = []
    for row in page.run.county_bed_evidence.itertuples():
        if row.area not in page.run.members():
            continue
        allocated = page.run.is_allocated(["beds_institutional"], row.area)
        beds = page.run.split("beds_institutional").values[row.area]
        notes.append(
            page.note(
                "evidence_allocated" if allocated else "evidence_reported",
                area=page.area_of(row.area),
                year=row.year,
                homes=page.t.number(row.homes),
                welfare=page.t.number(row.beds),
                beds=page.t.rounded(beds),
                share=page.t.percent(row.beds / beds, 0) if beds else page.t("page.none"),
            )
        )
    return join(notes)


def shares_table(page: Page, shares: pd.DataFrame) -> Table:
    """Return private and nursing-type shares (columns row, now, beside, target) against their targets."""
    columns = [
        Column("row", page.say("c_share"), form="text", words=lambda name: page.say(f"share_{name}")),
        Column("now", page.say("c_share_now"), 1, "percent"),
        Column("beside", page.say("c_share_beside"), 1, "percent"),
        Column("target", page.say("c_share_target"), 0, "percent"),
    ]
    return page.table("shares", shares, columns)


def shares_finding(page: Page, shares: pd.DataFrame) -> Html:
    """Say where both shares stand, and how many beds are to be converted to the nursing type."""
    rows = rows_of(page.run, "institution")
    private, nursing = shares.iloc[0], shares.iloc[1]
    now, later = rows.iloc[0], rows.loc[page.target]
    values = {
        "beds": page.t.rounded(now["supply"]),
        "now": page.t.rounded(now["nursing_beds_mean"]),
        "target": page.t.percent(nursing["target"], 0),
        "missing": page.t.rounded(abs(now["nursing_missing_mean"])),
        "low": page.t.rounded(now["nursing_missing_p10"]),
        "high": page.t.rounded(now["nursing_missing_p90"]),
        "year": page.target,
        "later": page.t.rounded(abs(later["nursing_missing_mean"])),
    }
    sentences = [
        page.say("private_ahead" if private["now"] >= private["target"] else "private_behind"),
        page.say("nursing_short" if now["nursing_missing_mean"] > 0 else "nursing_enough", **values),
    ]
    if abs(later["nursing_missing_mean"] - now["nursing_missing_mean"]) > 0.5:
        key = "nursing_later_short" if later["nursing_missing_mean"] > 0 else "nursing_later_enough"
        sentences.append(page.say(key, **values))
    if origin(page, "beds.nursing_share") == "national":
        sentences.append(page.say("nursing_note"))
    return page.finding(*sentences)


def parts_chart(page: Page, parts: pd.DataFrame) -> Chart:
    """Draw the parts of the gap of institution beds by need in the target year (column = the area); they add exactly.

    Other columns, such as the counties', stand in the table.
    """
    own = parts[page.run.area]
    words = {name: page.say(f"part_{name}") for name in PARTS}
    gap = page.say("part_gap", year=page.target)
    table = pd.concat([parts, parts.sum().to_frame("gap").T]).rename_axis("part").reset_index()
    figure = marks.steps(page.t, {words[name]: own[name] for name in PARTS}, gap, Axis(page.say("axis_parts")))
    total = float(own.sum())
    sentences = [
        page.say("parts_short" if total > 0 else "parts_spare", year=page.target, n=page.t.rounded(abs(total)))
    ]
    for key, sign in (("parts_up", 1), ("parts_down", -1)):
        acting = own[(own * sign).round() > 0].abs().sort_values(ascending=False)
        items = [page.say("part_item", name=words[name], n=page.t.rounded(size)) for name, size in acting.items()]
        if items:
            sentences.append(page.say(key, items=page.t.join(items)))
    columns = [
        Column("part", page.say("c_part"), form="text", words=words | {"gap": gap}),
        *(Column(area, page.area_of(area), form="signed") for area in parts),
    ]
    finding = page.t("page.space").join(sentences)
    return page.chart("parts", table, columns, figure, finding=finding, source=source(page), year=page.target)


def counties_chart(page: Page, gaps: pd.DataFrame) -> Chart:
    """Draw the gap by the norm of each county in the target year, the largest first, with 80% intervals."""
    frame = gaps.rename(columns=lambda name: name.removesuffix("_mean")).sort_values("gap_ratio", ascending=False)
    rate = (frame["gap_ratio"] / frame["elders_60plus"] * 1000).rename("rate")
    top, worst = frame.iloc[0], frame.loc[rate.idxmax()]
    names = [page.area_of(area) for area in frame["area"]]
    return page.chart(
        "counties",
        frame,
        [
            page.area_column(),
            Column("supply", page.say("c_supply")),
            Column("allocated", page.t("page.c_kind"), form="text", words=lambda flag: page.supply_tag(bool(flag))),
            Column("gap_ratio", page.say("c_gap_ratio"), interval=True),
        ],
        marks.bars(page.t, frame, {"gap_ratio": ""}, names, Axis(page.say("axis_gap", year=page.target))),
        finding=page.say(
            "counties_alt" if frame["allocated"].all() else "counties_alt_reported",
            year=page.target,
            top=page.area_of(top["area"]),
            gap=_short(page, top["gap_ratio"]),
            worst=page.area_of(worst["area"]),
            rate=page.t.number(rate.max(), 1),
        ),
        source=source(page),
        shown=[True] * len(frame),
        year=page.target,
    )
