"""Comparison of scenarios as text: which parameters differ, what follows, and which conclusions flip."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from eldercare.inputs import Project
from eldercare.model.comparison import CROSSING, conclusions, differing, results, runs_of

NAMES = {
    "crossing_year": "below the norm from",
    "state_ratio": "by the norm, 2035",
    "state_need": "by need, 2035",
    "ranking_ratio": "largest gap per elder first, by the norm, 2035",
    "ranking_need": "largest gap per elder first, by need, 2035",
    "elders_2035": "elders 60+ of 2035",
    "gap_ratio_2030": "gap 2030 by the norm",
    "gap_ratio_2035": "gap 2035 by the norm",
    "gap_need_2030": "gap 2030 by need",
    "gap_need_2035": "gap 2035 by need",
    "gap_meals_2035": "meals a day missing, 2035",
}


def compare(project: Project, scenarios: Sequence[str]) -> str:
    """Return differing parameters, results by area with their differences, and flipped conclusions."""
    runs = runs_of(project, scenarios)
    first = next(iter(runs))
    areas = project.areas
    found = results(runs, areas)
    drawn = conclusions(found, project.city, tuple(project.counties))
    parts = [
        f"Parameters that differ from {first}",
        _grid(_differing(runs)),
        "",
        "Results (median, 80% interval in brackets; gaps in beds or meals a day, positive = shortage)",
        _grid(_results(found, list(runs))),
        "",
        f"Differences to {first} (draw by draw)",
        _grid(_changes(found, list(runs)[1:])),
        "",
        "Conclusions that flip",
        *_flips(drawn, list(runs)),
    ]
    return "\n".join(parts)


def _differing(runs: dict) -> pd.DataFrame:
    frame = differing(runs, (next(iter(runs.values())).city,))
    rows = [
        (row.scenario, row.parameter, ", ".join(row.areas), _value(row.before), _value(row.value))
        for row in frame.itertuples()
    ]
    return pd.DataFrame(
        rows or [("none", "", "", "", "")], columns=["scenario", "parameter", "area", "before", "value"]
    )


def _results(found: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    rows = []
    for (area, measure), group in found.groupby(["area", "measure"], sort=False):
        by = group.set_index("scenario")
        rows.append([area, NAMES[measure], *(_band(measure, *by.loc[n, ["p50", "p10", "p90"]]) for n in names)])
    return pd.DataFrame(rows, columns=["area", "result", *names])


def _changes(found: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    rows = []
    changing = found[found["measure"] != CROSSING]
    for (area, measure), group in changing.groupby(["area", "measure"], sort=False):
        by = group.set_index("scenario")
        ends = ["change_p50", "change_p10", "change_p90"]
        rows.append([area, NAMES[measure], *(_band(measure, *by.loc[n, ends]) for n in names)])
    return pd.DataFrame(rows, columns=["area", "result", *names])


def _flips(drawn: pd.DataFrame, names: list[str]) -> list[str]:
    lines = []
    for (conclusion, area), group in drawn.groupby(["conclusion", "area"], sort=False):
        if not group["flips"].any():
            if conclusion.startswith("ranking"):
                lines.append(f"{NAMES[conclusion]}: the ranking of the counties is the same")
            continue
        by = group.set_index("scenario")["value"]
        said = "; ".join(f"{name}: {_conclusion(by[name])}" for name in names)
        what = "the ranking of the counties changes: " if conclusion.startswith("ranking") else ""
        lines.append(f"{area}, {NAMES[conclusion]}: {what}{said}")
    return lines


def _conclusion(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else _band(CROSSING, value, value, value).split(" ")[0]


def _band(measure: str, middle: float, low: float, high: float) -> str:
    if measure == CROSSING:
        middle, low, high = ("never" if pd.isna(v) else str(int(v)) for v in (middle, low, high))
        return f"{middle} ({low} to {high})"
    return "none" if pd.isna(middle) else f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def _grid(frame: pd.DataFrame) -> str:
    return frame.to_string(index=False, justify="left")
