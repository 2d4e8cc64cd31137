"""What configuration and tables owe each other: one list of faults for `eldercare check` and for every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from eldercare.inputs import census
from eldercare.inputs.city import FILE as CITY_FILE
from eldercare.inputs.observed import FIRST_YEAR, OBSERVATIONS, TOTAL
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER
from eldercare.inputs.validation import in_use

if TYPE_CHECKING:
    import pandas as pd

BED_CHANGES, SITES, PLACES = "bed_changes", "meal_point_sites", "meal_demand_places"
BED_CHANGES_FILE = f"{FOLDER}/{BED_CHANGES}.csv"


def input_problems(project: Project) -> list[Problem]:
    """Return every fault of the tables, of what they owe the counties and the city of config, and of each other."""
    folder = project.tables.folder
    if folder.sound:  # the inputs are as they were when they were last found without fault
        return []
    problems, gaps = list[Problem](), dict[str, dict[str, str]]()
    for name in folder.names:
        examined = folder.examined(name)
        problems += examined.problems
        for area, words in examined.gaps.items():
            gaps.setdefault(area, {})[name] = words
    for area, tables in gaps.items():
        rows = "; ".join(f"{folder.where(name)} {words}".strip() for name, words in tables.items())
        where = {"": FOLDER, project.city.id: CITY_FILE}.get(area, f"config/counties/{area}.yaml")
        problems.append(Problem(where, "area" if area else "", area or None, _("rows are missing: {rows}", rows=rows)))
    problems += [*_unknown_counties(project), *_not_lent(project)]
    # Without a record: what is read here changes no page.
    project = project.apart()
    for check in (bed_problems, count_problems, site_problems, census.stored_problems):
        # A table that cannot be had has its own fault, which is told.
        with suppress(InputError):
            problems += check(project)
    if not problems:
        folder.remember_sound()
    # A broken table that others refer to is told once, not once for each of them.
    return list({str(problem): problem for problem in problems}.values())


def _unknown_counties(project: Project) -> Iterator[Problem]:
    """Yield the counties of the city in areas.csv that have no file in config."""
    city = project.city.id
    for number, row in project.tables.folder.examined("areas").rows.items():
        area, place = row.get("area"), f"{FOLDER}/areas.csv row {number}"
        if area not in project.counties and (row.get("level"), row.get("parent")) == ("county", city):
            message = _("a county of {city} without a file {file}", city=city, file=f"config/counties/{area}.yaml")
            yield Problem(place, "area", area, message, did_you_mean(str(area), project.counties))


def _not_lent(project: Project) -> Iterator[Problem]:
    """Yield the rows that config/city.yaml speaks of and data/raw has not."""
    city, folder = project.city, project.tables.folder
    counts = [{"area": city.id, "indicator": c.indicator, "year": c.year} for c in city.registered_counts]
    paces = [{"area": city.country, "indicator": TOTAL, "year": year} for year in city.pace_years]
    wanted: list[tuple[str, str, Mapping[str, object]]] = [
        *(("registered_counts", "registered_population", count) for count in counts),
        *(("norms", city.report.table, {"area": city.id, "indicator": norm}) for norm in city.norms),
        ("country", "life_expectancy", {"area": city.country}),
        *(("pace_years", "care_evidence", of) for of in paces),
        ("neighbours.meals", "care_evidence", {"area": city.neighbours.meals}),
        ("neighbours.sex_by_age", "census_sex_pattern", {"area": city.neighbours.sex_by_age}),
        *((f"dependency_patterns.{d}", "disability_prevalence", dict(of)) for d, of in city.dependency_patterns),
    ]
    for key, name, values in wanted:
        table = folder.examined(name)
        if table.problems:
            yield from table.problems
        elif not any(values.items() <= row.items() for row in in_use(table.rows).values()):
            message = _("no row of {columns} in {file}", columns=" / ".join(values), file=folder.where(name))
            yield Problem(CITY_FILE, key, " / ".join(map(str, values.values())), message)


def row_problems(table: pd.DataFrame, city: str) -> list[Problem]:
    """Return the faults of rows of bed changes: what cannot be converted, and counties that exceed the city's row."""
    problems = []
    wrong = table[(table["operation"] == "convert_to_nursing") & (table["bed_type"] != "institution")]
    message = _("only institution beds become nursing-type; allowed with convert_to_nursing: institution")
    for row, bed_type in zip(wrong.index, wrong["bed_type"], strict=True):
        problems.append(Problem(f"{BED_CHANGES_FILE} row {row + 2}", "bed_type", bed_type, message))
    for _group, rows in table.groupby(["year", "bed_type", "operation"]):
        total, own = (rows[(rows["area"] == city) == is_city]["beds"] for is_city in (True, False))
        if len(total) and own.sum() > total.sum() + 1e-9:
            message = _("the counties' own rows of this year, bed type and operation add to {sum:,.0f}", sum=own.sum())
            where = f"{BED_CHANGES_FILE} row {total.index[0] + 2}"
            problems.append(Problem(where, "beds", float(total.sum()), message))
    return problems


def bed_problems(project: Project) -> list[Problem]:
    """Return the faults of the rows of bed changes; none when there is no table."""
    return row_problems(project.table(BED_CHANGES), project.city.id) if project.has_rows(BED_CHANGES) else []


def count_problems(project: Project) -> Iterator[Problem]:
    """Yield counts of years in which new beds already open, and those that contradict the report's of the same year."""
    folder, report = project.tables.folder, project.city.report
    if not project.has_rows(OBSERVATIONS):
        return
    figures = {row.get("indicator"): row.get("value") for row in folder.examined(report.table).rows.values()}
    for number, row in in_use(folder.examined(OBSERVATIONS).rows).items():
        where = f"{folder.where(OBSERVATIONS)} row {number}"
        first = int(str(project.parameters[FIRST_YEAR].value))
        if row["year"] >= first:
            fields = {"last": first - 1, "key": FIRST_YEAR, "first": first}
            message = _("a count is of {last} or before: new beds open from {key} = {first} on", **fields)
            yield Problem(where, "year", row["year"], message)
        told = figures.get(row["indicator"])
        if (row["area"], row["year"]) == (project.city.id, report.year) and told not in (None, row["value"]):
            message = _("{file} has {value:,.10g} of the same year", file=folder.where(report.table), value=told)
            yield Problem(where, str(row["indicator"]), row["value"], message)


def site_problems(project: Project) -> list[Problem]:
    """Return the faults of the tables of meal points and villages that only show when both are looked at."""
    # It must be known where the elders live: from the table of places, or from every row of the table of sites.
    tables, file, places = project.tables, f"{FOLDER}/{SITES}.csv", f"{PLACES}.csv"
    if PLACES in tables:
        message = _("file not found; {table} alone says nothing of meal points", table=places)
        return [] if SITES in tables else [Problem(file, message=message)]
    if SITES not in tables:
        return []
    elders = tables[SITES]["elders"]
    message = _("empty; give the elders of every site, or a table {table} that says where they live", table=places)
    return [Problem(f"{file} row {i + 2}", "elders", message=message) for i in elders.index[elders.isna()]]
