"""Comparison of scenarios as text: which parameters differ, what follows, and which conclusions flip."""

from collections.abc import Sequence
from importlib import resources

import pandas as pd

from eldercare.inputs import Project
from eldercare.inputs.strict_yaml import read_own
from eldercare.model.comparison import CROSSING, YEARS, conclusions, differing, results, runs_of

# What is compared, and what is concluded, in a year, in words.
NAMES = read_own((resources.files("eldercare.publish") / "comparison.yaml").read_text(encoding="utf-8"))

# Shares are written as percentages, money in million yuan.
SCALES = {"occupied": 100.0, "capital": 1e-6, "running": 1e-6, "care_cost": 1e-6}


def compare(project: Project, scenarios: Sequence[str]) -> str:
    """Return differing parameters, results by area with their differences, and flipped conclusions."""
    runs, city = runs_of(project, scenarios), project.city
    first, *others = runs
    compared = results(runs, project.areas)
    counted = compared[~compared["measure"].isin(YEARS)]
    parameters = differing(runs, (city.id,))
    parameters["areas"] = parameters["areas"].map(", ".join)
    about = "mean, 80% interval in brackets; gaps in beds or meals a day, positive = shortage; years: median"
    grids = {
        f"Parameters that differ from {first}": parameters,
        f"Results ({about})": _grid(compared, "mean", "", list(runs)),
        f"Differences to {first} (draw by draw)": _grid(counted, "change", "change_", others),
    }
    told = {name: one.to_string(index=False, justify="left") if len(one) else "none" for name, one in grids.items()}
    flips = _flips(conclusions(compared, city, tuple(project.counties)), city.target_year)
    return "\n".join([*(f"{title}\n{grid}\n" for title, grid in told.items()), "Conclusions that flip", *flips])


def _grid(compared: pd.DataFrame, value: str, prefix: str, scenarios: list[str]) -> pd.DataFrame:
    """Return a value with its interval in words: a row for each area and measure, a column for each scenario."""
    is_year = compared["measure"].isin(YEARS)
    scale = compared["measure"].str.rpartition("_")[0].map(SCALES).fillna(1.0)
    compared = compared.assign(**compared.filter(regex="^(mean|change|.*p\\d\\d)$").mul(scale, axis=0))
    middle = compared[value].where(~is_year, compared[f"{prefix}p50"])
    bands = zip(middle, compared[f"{prefix}p10"], compared[f"{prefix}p90"], is_year, strict=True)
    rows = compared.assign(result=compared["measure"].map(_named), text=[_band(*band) for band in bands])
    wide = rows.set_index(["area", "result", "scenario"])["text"].unstack(sort=False)
    return wide[scenarios].reset_index().rename_axis(columns=None)


def _named(measure: str) -> str:
    name, _, year = measure.rpartition("_")
    return NAMES.get(measure) or f"{NAMES[name]}, {year}"


def _band(middle: float, low: float, high: float, is_year: bool) -> str:
    if pd.isna(middle) and not is_year:
        return "none"
    said = [_concluded(value) if is_year else f"{round(value):,}" for value in (middle, low, high)]
    return f"{said[0]} ({said[1]} to {said[2]})"


def _flips(concluded: pd.DataFrame, year: int) -> list[str]:
    """Return a line for each conclusion that is another in some scenario, and for rankings that stay."""
    lines = []
    for (conclusion, area), group in concluded.groupby(["conclusion", "area"], sort=False):
        name = _named(conclusion if conclusion == CROSSING else f"{conclusion}_{year}")
        ranking = "the ranking of the counties " if conclusion.startswith("ranking") else ""
        if group["flips"].any():
            said = "; ".join(f"{row.scenario}: {_concluded(row.value)}" for row in group.itertuples())
            lines.append(f"{area}, {name}: {ranking and f'{ranking}changes: '}{said}")
        elif ranking:
            lines.append(f"{name}: {ranking}is the same")
    return lines


def _concluded(value: tuple[str, ...] | str | float) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else "never" if pd.isna(value) else str(int(value))
