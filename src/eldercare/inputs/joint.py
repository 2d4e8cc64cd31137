"""Inputs that are valid one by one, held together: counties' own numbers and the city's totals, what is doubtful."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product
from typing import Any

from eldercare.inputs.checks import PLACES, SITES
from eldercare.inputs.layers import Setting, resolve
from eldercare.inputs.observed import OBSERVATIONS, Counts, held, own_counts, stocks
from eldercare.inputs.problems import Message, Problem, _, kept
from eldercare.inputs.project import Project
from eldercare.inputs.register import REGISTER
from eldercare.inputs.scenarios import BASELINE
from eldercare.inputs.strays import strays

# The parameter of a county's own number of what the report gives for the city; places are villages and communities.
OWN = {
    "beds_institutional": "supply.institution_beds",
    "beds_home_care_centres": "supply.home_care_centre_beds",
    "meal_points": "supply.meal_points",
    "elders_with_government_purchased_home_care": "services.purchased",
    "places": "meals.places",
}
InForce = Mapping[str, Setting]
PARTS = {"places": ("villages", "urban_communities")}
TYPES: dict[str, Callable[[str], Any]] = {"number": float, "integer": int}
# A number so many times above or below its yardstick is hard to believe.
FAR = 3
# Ages of the census that count as elders.
ELDER_AGE = 60


def rows_of(project: Project, name: str, **values: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a sound table in use that hold some values, with file and number of each; none without it."""
    folder = project.tables.folder
    if name not in folder.names:
        return
    header, *rows = folder.records(name)
    kinds = {field.name: TYPES.get(field.type, str) for field in folder.resource(name).table_schema.fields}
    for number, cells in enumerate(rows, start=2):
        row = {column: kinds[column](cell) if cell else None for column, cell in zip(header, cells, strict=False)}
        if any(cells) and str(row.get("used")).lower() != "false" and values.items() <= row.items():
            yield f"{folder.where(name)} row {number}", row


def own_numbers(project: Project, settings: Mapping[str, InForce]) -> Iterator[tuple[str, Counts]]:
    """Yield what counties may have own numbers of, with the counts of the city and of its counties by year."""
    counts, city = stocks(project), project.city.id
    for name, key in OWN.items():
        if counts.keys() >= set(parts := PARTS.get(name, (name,))):
            total = {year: sum(counts[part][city].get(year, 0.0) for part in parts) for year in counts[parts[0]][city]}
            rows = counts.get(name, {})
            yield name, {city: total} | {c: own_counts(one[key], rows.get(c, {})) for c, one in settings.items()}


def too_much(project: Project, name: str, counts: Counts, settings: Mapping[str, InForce]) -> list[Problem]:
    """Return the fault of counties' own numbers that exceed a total of the city, while other counties have none."""
    problems = []
    for year, total in counts[project.city.id].items():
        given = {county: n for county in settings if (n := held(counts[county], year)) is not None}
        if len(given) < len(settings) and sum(given.values()) > total + 1e-9:
            fields = {"own": len(given), "all": len(settings), "total": total, "file": _file(project, year)}
            message = _(
                "the own numbers of {own} of {all} counties add to more than the {total:,.10g} of the city in {file}",
                **fields,
            )
            hint = _("where every county has its own number the city is their sum")
            where = _where(project, name, given, settings)
            problems.append(Problem(where, OWN[name], _plain(sum(given.values())), message, hint))
    return problems


def _where(project: Project, name: str, given: Collection[str], settings: Mapping[str, InForce]) -> str:
    """Return the places of counties' own numbers: their files, what was set, or the table of counts."""
    places = [step.where for county in given for step in settings[county][OWN[name]].trail[1:]]
    known = [county for county in given if settings[county][OWN[name]].value is not None]
    return ", ".join(dict.fromkeys([*places, *([_file(project)] if len(known) < len(given) else [])]))


def _file(project: Project, year: int = 0) -> str:
    """Return the table that a count of the city of a year stands in; that of other counts when no year is given."""
    report, other = project.city.report, OBSERVATIONS if year or not project.has_rows(REGISTER) else REGISTER
    return project.tables.folder.where(report.table if year == report.year else other)


def _plain(value: float) -> float:
    """Return a number as it is written: whole where it is."""
    return int(value) if value == int(value) else round(value, 1)


def split_problems(
    project: Project, scenario: str, area: str | None = None, overrides: Mapping[str, object] | None = None
) -> list[Problem]:
    """Return what counties' own numbers exceed under a scenario, with values changed in an area (the city: in all)."""
    changed = project.counties if area == project.city.id else (area,)
    given = {county: overrides if county in changed else None for county in project.counties}
    settings = {county: resolve(project, county, scenario, given[county]).all for county in project.counties}
    project = project.apart()
    return [p for name, counts in own_numbers(project, settings) for p in too_much(project, name, counts, settings)]


def people(project: Project) -> tuple[dict[str, float], dict[str, float]]:
    """Return residents of the census by area, and those aged 60 and over as its age shares say; persons."""
    residents = rows_of(project, "census_counties", indicator="resident_population")
    everybody = {row["area"]: row["value"] for _where, row in residents}
    aged = dict.fromkeys(everybody, 0.0)
    for _where, row in rows_of(project, "census_age_shares"):
        if row["age_start"] >= ELDER_AGE and row["area"] in aged:
            aged[row["area"]] += row["share"] * everybody[row["area"]]
    city = project.city.id
    return everybody | {city: sum(everybody.values())}, aged | {city: sum(aged.values())}


def doubts(project: Project, scenarios: Collection[str] = (BASELINE,)) -> list[Problem]:
    """Return remarks: what is hard to believe, with both numbers, rules that took over, faults of other scenarios."""
    everybody, aged = people(project)
    numbers = [doubt for scenario in scenarios for doubt in _of_numbers(project, scenario, aged)]
    for scenario, county in product(project.scenarios.keys() - set(scenarios), project.counties):
        with kept(numbers):
            resolve(project, county, scenario)
    left = strays(project.root, (one.path for one in project.tables.folder.resources.values()))
    return list(dict.fromkeys([*left, *numbers, *_of_counts(project, everybody, aged), *_of_points(project, aged)]))


def _far(where: str, key: str, value: float, beside: float, what: Message, least: float = 1 / FAR) -> Iterator[Problem]:
    """Yield a remark with both numbers where a value is far from the one beside it."""
    if beside > 0 and not least * beside <= value <= FAR * beside:
        message = _("hard to believe beside {yardstick:,.0f}, {what}", yardstick=beside, what=what)
        yield Problem(where, key, _plain(value), message)


def _of_numbers(project: Project, scenario: str, aged: Mapping[str, float]) -> Iterator[Problem]:
    """Yield own numbers, and what they leave for others, far from a share; sums and bounds that took over."""
    settings = {county: resolve(project, county, scenario).all for county in project.counties}
    for one in (one for those in settings.values() for one in those.values() if one.trail[-1].held):
        before, step = one.trail[-2:]
        fields = {"before": before.value, "where": before.where, "operation": step.operation, "operand": step.operand}
        message = _("{operation} {operand:g} to {before:g} of {where} leaves the bounds; held at the bound", **fields)
        yield one.problem(message)
    what = _("the share of the city's total by people aged 60 and over")
    for name, counts in own_numbers(project.apart(), settings):
        key, totals = OWN[name], counts.pop(project.city.id)
        total = totals[max(totals)]
        newest = {county: numbers[max(numbers)] for county, numbers in counts.items() if numbers}
        share = {county: total * aged.get(county, 0.0) / aged[project.city.id] for county in settings}
        for county, number in newest.items():
            yield from _far(_where(project, name, [county], settings), key, number, share[county], what)
        own = {county: n for county, numbers in counts.items() if (n := held(numbers, max(totals))) is not None}
        where, added = _where(project, name, newest, settings), sum(newest.values())
        if own and (others := [county for county in settings if county not in newest]):
            left = _("the share of {areas}, for whom this is left", areas=", ".join(others))
            yield from _far(where, key, total - sum(own.values()), sum(share[county] for county in others), left)
        elif len(newest) == len(settings) and added != total:
            fields = {"total": total, "file": _file(project, max(totals))}
            message = _(
                "every county has its own number: the city is their sum, not the {total:,.10g} of {file}", **fields
            )
            yield Problem(where, key, _plain(added), message)


def _of_counts(project: Project, everybody: Mapping[str, float], aged: Mapping[str, float]) -> Iterator[Problem]:
    """Yield counts of people, births and deaths that are far from the people there are."""
    residents, elders = _("residents at the census"), _("residents aged 60 and over at the census")
    for name, indicator, of, what in (
        ("resident_population", "resident_year_end", everybody, residents),
        ("registered_population", "registered_population", everybody, residents),
        ("registered_population", "registered_60plus", aged, elders),
    ):
        for where, row in rows_of(project, name, indicator=indicator):
            yield from _far(where, indicator, row["value"], of.get(row["area"], 0.0), what)
    for where, row in rows_of(project, "census_totals", year=project.city.launch_year):
        yield from _far(where, "value", row["value"], everybody.get(row["area"], 0.0), residents)
    for where, row in rows_of(project, "vital_events"):
        if row["indicator"] in ("births", "deaths"):
            most = everybody.get(row["area"], 0.0) / 50
            yield from _far(where, row["indicator"], row["value"], most, _("one in fifty residents at the census"), 0.0)
    for county in project.counties:
        workers = resolve(project, county, BASELINE).all["services.workers"]
        if workers.value is not None:
            most, what = aged.get(county, 0.0) / 10, _("one in ten residents aged 60 and over at the census")
            yield from _far(workers.trail[-1].where, workers.parameter.key, workers.number, most, what, 0.0)


def _of_points(project: Project, aged: Mapping[str, float]) -> Iterator[Problem]:
    """Yield sites and villages far from every county's seat, and elders of a table beyond those that a county has."""
    lons, lats, land = (
        {row["area"]: row["value"] for _where, row in rows_of(project, "geography", indicator=indicator)}
        for indicator in ("seat_lon", "seat_lat", "land_area")
    )
    at = [(lons[county], lats[county]) for county in project.counties if county in lons and county in lats]
    across = 2 * math.sqrt(land.get(project.city.id, 0.0) / math.pi)
    for name in (PLACES, SITES):
        elders: dict[str, float] = {}
        for where, row in rows_of(project, name):
            elders[row["area"]] = elders.get(row["area"], 0.0) + (row.get("elders") or 0.0)
            # Plane distances in km, near enough to tell one province from another.
            away = [math.hypot((x - row["lon"]) * math.cos(math.radians(y)), y - row["lat"]) * 111.2 for x, y in at]
            if away and min(away) > across > 0:
                fields = {"away": min(away), "across": across}
                message = _(
                    "{away:,.0f} km from the nearest seat of a county; the city is about {across:,.0f} km across",
                    **fields,
                )
                yield Problem(where, "lon, lat", f"{row['lon']:g}, {row['lat']:g}", message)
        for area, number in elders.items():
            what = _("residents aged 60 and over at the census of {area}", area=area)
            yield from _far(project.tables.folder.where(name), "elders", number, aged.get(area, 0.0), what, 0.0)
