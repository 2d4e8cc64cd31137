"""The city: names, years and neighbours that are facts about it or its data, from config/city.yaml."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from eldercare.inputs.models import Code, Context, Fault, Label, Name, Strict, Word, load, unregistered, whole
from eldercare.inputs.problems import _

FILE = "config/city.yaml"

Year = Annotated[int, whole(1950, 2150)]
Age = Annotated[int, whole(0, 120)]
Cell = Annotated[int, whole(1, 24)]


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
    label : dict
        Name by language.
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

    id: Name
    code: Code
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

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield years that do not follow each other and sources that are not registered."""
        if list(self.milestones) != sorted(set(self.milestones)) or self.milestones[0] < self.launch_year:
            message = _("years must rise and start no earlier than {year}", year=self.launch_year)
            yield Fault(message, path=("milestones",))
        if not self.launch_year < self.near_year < self.target_year <= self.last_year:
            message = _("launch_year, near_year, target_year and the last of milestones must follow each other")
            yield Fault(message, path=("near_year",), value=self.near_year)
        unknown = [source for source in self.sources if source not in context["sources"]]
        yield from (unregistered(source, context["sources"], "sources") for source in unknown)


def load_city(root: Path, sources: Collection[str]) -> City:
    """Read config/city.yaml; raise InputError with every problem."""
    return load(root, FILE, City, {"sources": sources})[1]
