"""The city: names, years and neighbours that are facts about it or its data, from config/city.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictInt

from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.models import Label, Strict, Word, check
from eldercare.inputs.strict_yaml import read_yaml

FILE = "config/city.yaml"

Year = Annotated[StrictInt, Field(ge=1950, le=2150)]
Cell = Annotated[StrictInt, Field(ge=1, le=24)]
Age = Annotated[StrictInt, Field(ge=0, le=120)]


class Report(Strict):
    """The report whose city totals are shared out among the counties: its table in data/raw, year and name."""

    table: Word
    year: Year
    label: Label
    publisher: Label


class Count(Strict):
    """A published count of registered people of some ages: indicator of its table, year, ages (None: no end)."""

    indicator: Word
    year: Year
    from_age: Age
    to_age: Age | None = None


class Neighbours(Strict):
    """Areas of data/raw that lend a pattern: share of the sexes by age, and meals served at a point."""

    sex_by_age: Word
    meals: Word


class Patterns(Strict):
    """Area whose dependency by age is used, by definition of need."""

    survey: Word
    administrative: Word
    census: Word


class Tile(Strict):
    """Place on the schematic map: first and last row and column, counted from 1, both included."""

    rows: tuple[Cell, Cell]
    columns: tuple[Cell, Cell]


class Water(Tile):
    """A lake or river on the map."""

    label: Label


class Map(Strict):
    """The counties as they lie, a schematic."""

    tiles: dict[str, Tile]
    waters: list[Water] = []


class City(Strict):
    """What is known about the city as a whole; what its tables tell (areas with counts of their own) is not repeated.

    Attributes
    ----------
    id, code : str
        Identifier of the city as an area, also in the tables of data/raw, and its administrative code.
    label : Label
    launch_year : int
        The projection starts at its end.
    report : Report
    milestones : tuple of int
        Years of the tables that are shown, in order.
    near_year, target_year : int
        The year by which a shortage is near, and the year that plans aim at.
    norms : tuple of str
        Indicators of the report's table that every area is measured against, beside the norm in force.
    registered_counts : tuple of Count
    country : str
        Identifier of the country in the tables.
    neighbours : Neighbours
    dependency_patterns : Patterns
    pace_years : (int, int)
        Years between which the country's bed counts give its pace of building.
    sources : tuple of str
        Sources named on the page about the evidence.
    map : Map or None
    """

    # A folder of the site has this name.
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    label: Label
    launch_year: Year
    report: Report
    milestones: Annotated[tuple[Year, ...], Field(min_length=1)]
    near_year: Year
    target_year: Year
    norms: tuple[Word, ...] = ()
    registered_counts: Annotated[tuple[Count, ...], Field(min_length=1)]
    country: Word
    neighbours: Neighbours
    dependency_patterns: Patterns
    pace_years: tuple[Year, Year]
    sources: tuple[Word, ...]
    map: Map | None = None

    @property
    def last_year(self) -> int:
        """Last of the years that are shown."""
        return self.milestones[-1]


def load_city(root: Path, sources: set[str]) -> City:
    """Read config/city.yaml; raise InputError with every problem."""
    document = read_yaml(root / FILE, FILE)
    if document.problems:
        raise InputError(document.problems)
    city, problems = check(City, document)
    if city is None:
        raise InputError(problems)
    if list(city.milestones) != sorted(set(city.milestones)) or city.milestones[0] < city.launch_year:
        problems.append(
            Problem(
                document.where("milestones"),
                "milestones",
                list(city.milestones),
                f"years must rise and start no earlier than {city.launch_year}",
            )
        )
    if not city.launch_year < city.near_year < city.target_year <= city.last_year:
        message = "launch_year, near_year, target_year and the last of milestones must follow each other"
        problems.append(Problem(document.where("near_year"), "near_year", city.near_year, message))
    problems += [
        Problem(
            document.where("sources"),
            "sources",
            source,
            "is not registered in data/raw/sources.csv",
            did_you_mean(source, sources),
        )
        for source in city.sources
        if source not in sources
    ]
    if problems:
        raise InputError(problems)
    return city
