"""The launch state as tidy frames: whom a run starts with, how they die, bear and move, and what care there is."""

import numpy as np
import pandas as pd

from eldercare.model.demography import BASES, CountyDraws, draw_county
from eldercare.model.launch import AGES
from eldercare.model.run import Run
from eldercare.model.sensitivity import end_scores
from eldercare.model.services import REPORTED
from eldercare.model.supply import SPLIT
from eldercare.population import SEXES


def launch_state(run: Run) -> dict[str, pd.DataFrame]:
    """Return the state from which a scenario starts, every parameter at its value.

    ``population``: area, year, basis, sex, age, persons (the city, then its counties). ``mortality``: area, year, sex,
    age, rate (deaths per person-year). ``fertility``: area, year, age, rate (births per woman and year).
    ``migration``: area, year, basis, sex, age, persons (net migrants of the first projected year). ``capacity``: area,
    year, indicator, value, unit, allocated (what the report has, for the city and shared out).
    """
    tables: dict[str, list[pd.DataFrame]] = {"mortality": [], "fertility": [], "migration": []}
    for name, county in run.counties.items():
        # One draw, with every parameter at its value.
        first = run.launch_year + 1
        drawer = county.drawer.at(end_scores(run, run.start, (), name, first))
        drawn = draw_county(run.start, drawer, name, run.project.tables, np.array([run.launch_year, first]))
        year = county.settings.integer("mortality.level_year")
        births = {"area": name, "year": first, "age": AGES, "rate": drawn.births_pattern * drawn.tfr[0, 0]}
        tables["mortality"].append(_by_age(name, year, "rate", drawn.mx[..., 0]))
        tables["fertility"].append(pd.DataFrame(births))
        tables["migration"].append(_migration(run, name, drawn))
    of_counties = {table: pd.concat(parts) for table, parts in tables.items()}
    return {"population": _population(run), **of_counties, "capacity": _capacity(run)}


def _by_age(area: str, year: int, name: str, values: np.ndarray, **more: str) -> pd.DataFrame:
    """Return values by single age and sex, shape (101, 2), as rows."""
    keys = {"area": area, "year": year, **more}
    return pd.concat(pd.DataFrame({**keys, "sex": sex, "age": AGES, name: values[:, s]}) for s, sex in enumerate(SEXES))


def _population(run: Run) -> pd.DataFrame:
    by_area = {run.city: {basis: getattr(run.launch, basis).sum(axis=0) for basis in BASES}}
    by_area |= {name: run.launch.of(name) for name in run.counties}
    return pd.concat(
        _by_age(area, run.launch_year, "persons", people[basis], basis=basis)
        for area, people in by_area.items()
        for basis in BASES
    )


def _migration(run: Run, name: str, drawn: CountyDraws) -> pd.DataFrame:
    registered = float(run.launch.of(name)["registered"].sum())
    totals = {"resident": drawn.resident_flow[0], "registered": drawn.registered_rate[0] * registered}
    # As many women as men.
    people = {basis: (drawn.movers[basis][..., 0] * totals[basis]).repeat(len(SEXES), axis=1) for basis in BASES}
    return pd.concat(_by_age(name, run.launch_year + 1, "persons", people[basis], basis=basis) for basis in BASES)


def _capacity(run: Run) -> pd.DataFrame:
    report = run.project.city.report
    units = run.project.table(report.table).set_index("indicator")["unit"]
    rows = []
    for indicator in dict.fromkeys([*SPLIT, *REPORTED]):
        stock, split = run.stock(indicator), run.split(indicator)
        rows.append((run.city, max(stock.totals), indicator, stock.total, units[indicator], False))
        for name, value in split.values.items():
            year = stock.year(name) or report.year
            rows.append((name, year, indicator, value, units[indicator], split.allocated[name]))
    return pd.DataFrame(rows, columns=["area", "year", "indicator", "value", "unit", "allocated"])
