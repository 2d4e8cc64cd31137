"""Comparison of scenarios as text: which parameters differ, what follows, and which conclusions flip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eldercare.inputs import CITY, Project
from eldercare.model import Run

YEARS = (2030, 2035, 2050)


def compare(project: Project, scenarios: Sequence[str]) -> str:
    """Return differing parameters, key results by area, and the ranking of counties, scenario by scenario."""
    runs = {name: Run(CITY, name, project=project) for name in dict.fromkeys(scenarios)}
    tables = {name: run.all_areas() for name, run in runs.items()}
    parts = ["Parameters that differ", _grid(_differing(project, runs)), "", "Results (beds; 80% interval in brackets)"]
    parts += [_grid(_results(project, tables)), "", "Conclusions", *_conclusions(project, tables)]
    return "\n".join(parts)


def _differing(project: Project, runs: dict[str, Run]) -> pd.DataFrame:
    rows = []
    for key in project.parameters:
        for area in (CITY, *project.counties):
            settings = [run.settings if area == CITY else run.county_settings[area] for run in runs.values()]
            values = [one.value(key) for one in settings]
            city = [run.settings.value(key) for run in runs.values()]
            if len(set(map(str, values))) > 1 and (area == CITY or values != city):
                rows.append([key, area, *(f"{v:g}" if isinstance(v, float) else str(v) for v in values)])
    return pd.DataFrame(rows or [["none", "", *[""] * len(runs)]], columns=["parameter", "area", *runs])


def _results(project: Project, tables: dict[str, dict[str, pd.DataFrame]]) -> pd.DataFrame:
    rows = []
    for area in (CITY, *project.counties):
        years = [_crossing(frames, area) for frames in tables.values()]
        rows.append([area, "below the norm from", *("never" if pd.isna(y) else str(int(y)) for y in years)])
        for year in YEARS:
            cells = []
            for frames in tables.values():
                beds = _all_beds(frames, area, year)
                cells.append(
                    f"{beds['gap_ratio_p50']:,.0f} ({beds['gap_ratio_p10']:,.0f} to {beds['gap_ratio_p90']:,.0f})"
                )
            rows.append([area, f"gap {year} by the norm", *cells])
    return pd.DataFrame(rows, columns=["area", "result", *tables])


def _all_beds(frames: dict[str, pd.DataFrame], area: str, year: int) -> pd.Series:
    return frames["beds"].query("area == @area and year == @year and bed_type == 'all'").iloc[0]


def _crossing(frames: dict[str, pd.DataFrame], area: str) -> float:
    own = frames["crossing"].query("area == @area")
    return own["crossing_year_p50"].iloc[int(np.argmin(own["norm"]))]


def _conclusions(project: Project, tables: dict[str, dict[str, pd.DataFrame]]) -> list[str]:
    ranking = {}
    for name, frames in tables.items():
        rows = frames["beds"].query("year == 2035 and bed_type == 'all' and area != @CITY")
        ranking[name] = list(rows.sort_values("gap_ratio_p50", ascending=False)["area"])
    lines = [f"{name}: largest gap in 2035 first: {', '.join(order)}" for name, order in ranking.items()]
    same = len({tuple(order) for order in ranking.values()}) == 1
    lines.append("the ranking of the counties is the same" if same else "the ranking of the counties changes")
    for area in (CITY, *project.counties):
        signs = {name: _all_beds(frames, area, 2035)["gap_ratio_p50"] > 1 for name, frames in tables.items()}
        if len(set(signs.values())) > 1:
            lines.append(
                f"{area}, 2035: " + ", ".join(f"{n} {'short' if s else 'not short'}" for n, s in signs.items())
            )
    return lines


def _grid(frame: pd.DataFrame) -> str:
    return frame.to_string(index=False, justify="left")
