"""Stocks with years: what the city and its counties have of a quantity, as counted in the report and in other years."""

from collections.abc import Mapping

from eldercare.inputs.layers import Setting
from eldercare.inputs.project import Project
from eldercare.inputs.register import REGISTER, is_open

OBSERVATIONS = "observations"
# A total of beds whose kinds were not told apart, and the kinds.
TOTAL, KINDS = "beds_total", ("beds_institutional", "beds_home_care_centres")
# Kinds of houses of the register, whose licensed beds are their county's count of its year.
TYPES = dict(zip(("institution", "home_care_centre"), KINDS, strict=True))
# New beds open from this year on: what is counted is counted before it.
FIRST_YEAR = "supply.first_year"
Counts = dict[str, dict[int, float]]


def stocks(project: Project) -> dict[str, Counts]:
    """Return counts by indicator, area and year: those of the report, and those observed in other years.

    Beds of a year that were counted together are split into kinds as in the last count of both that the area has, or
    the city where it has none; where one kind is known the other is the rest.
    """
    city, found = project.city, dict[str, Counts]()
    project.reads.tables |= {city.report.table, OBSERVATIONS, REGISTER} & {*project.tables}
    for row in project.tables.folder.rows(city.report.table):
        found[row["indicator"]] = {city.id: {city.report.year: float(row["value"])}}
    for row in sorted(_used(project), key=lambda row: int(row["year"])):
        found.setdefault(row["indicator"], {}).setdefault(row["area"], {})[int(row["year"])] = float(row["value"])
    listed: dict[tuple[str, str, int], float] = {}
    for row in project.tables.folder.rows(REGISTER) if REGISTER in project.tables else []:
        place = TYPES[row["kind"]], row["area"], int(row["year"])
        listed[place] = listed.get(place, 0.0) + float(row["licensed"]) * is_open(row)
    for (name, area, year), beds in listed.items():
        found.setdefault(name, {}).setdefault(area, {})[year] = beds
    for area, totals in found.get(TOTAL, {}).items():
        kinds = [found.setdefault(kind, {}) for kind in KINDS]
        for year, total in sorted(totals.items()):
            known = {n: kind[area][year] for n, kind in enumerate(kinds) if year in kind.get(area, {})}
            if len(known) == 1:
                ((n, value),) = known.items()
                kinds[1 - n].setdefault(area, {})[year] = max(total - value, 0.0)
            elif not known:
                parts = [held(kind.get(area, {}), year) for kind in kinds]
                if None in parts:
                    parts = [held(kind.get(city.id, {}), year) for kind in kinds]
                both = sum(part or 0.0 for part in parts)
                for kind, part in zip(kinds, parts, strict=True):
                    kind.setdefault(area, {})[year] = total * (part or 0.0) / both if both else 0.0
    return found


def last_year(project: Project, *indicators: str) -> int:
    """Return the year of the city's last count of any of the indicators, without a note that it was read."""
    wanted = {*indicators, *({TOTAL} if {*KINDS} & {*indicators} else ())}
    own = [row for row in _used(project) if row["area"] == project.city.id and row["indicator"] in wanted]
    return max([project.city.report.year, *(int(row["year"]) for row in own)])


def _used(project: Project) -> list[dict[str, str]]:
    """Return the rows that count, as text: what only looks at counts loads no library of frames."""
    rows = project.tables.folder.rows(OBSERVATIONS) if OBSERVATIONS in project.tables else []
    return [row for row in rows if row["used"] == "true"]


def held(counts: Mapping[int, float], year: int) -> float | None:
    """Return the last count until a year, None where there is none.

    Examples
    --------
    >>> counts = {2023: 8100.0, 2025: 8400.0}
    >>> held(counts, 2024), held(counts, 2001)
    (8100.0, None)
    """
    return counts[max(known)] if (known := [one for one in counts if one <= year]) else None


def own_counts(setting: Setting, rows: Mapping[int, float]) -> dict[int, float]:
    """Return a county's own counts by year: its file's before those of the table."""
    # A number without a year, as one that is set for a trial, holds in every year and stands alone, at year 0.
    if setting.value is None:
        return dict(rows)
    dated = {one.year: one.value for one in setting.trail if one.year and isinstance(one.value, int | float)}
    return {**rows, **dated} if setting.trail[-1].year else {0: setting.number}
