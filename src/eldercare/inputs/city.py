"""The city: names, years and neighbours that are facts about it or its data, from config/city.yaml."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictInt

from eldercare.inputs.models import Code, Context, Fault, Label, Name, Strict, Word, load, unknown_county, unregistered
from eldercare.inputs.problems import _
from eldercare.inputs.strays import inputs_in

FILE = "config/city.yaml"


class Report(Strict):
    """The report whose city totals are shared out among the counties: its table in data/raw, year and name."""

    table: Word
    year: StrictInt
    label: Label
    publisher: Label


class Count(Strict):
    """A published count of registered people of some ages: indicator of its table, year, ages (None: no end)."""

    indicator: Word
    year: StrictInt
    from_age: StrictInt
    to_age: StrictInt | None = None


class Neighbours(Strict):
    """Areas of data/raw that lend a pattern: share of the sexes by age, and meals served at a point."""

    sex_by_age: Word
    meals: Word


class Pattern(Strict):
    """A share by age in data/raw: its area and measure."""

    area: Word
    measure: Word


class Patterns(Strict):
    """Dependency by age that is used, by definition of need, and for the need for meals."""

    survey_2021: Pattern
    survey_2015: Pattern
    administrative: Pattern
    census: Pattern
    meals: Pattern


class Tile(Strict):
    """Place on the schematic map: first and last row and column, counted from 1, both included."""

    rows: tuple[StrictInt, StrictInt]
    columns: tuple[StrictInt, StrictInt]


class Water(Tile):
    """A lake or river on the map."""

    label: Label


class Map(Strict):
    """The counties as they lie, a schematic."""

    tiles: dict[str, Tile]
    waters: list[Water] = []


class Publication(Strict):
    """Who publishes the pages, under which licence, whom to ask, and when the next ones are due."""

    author: Label | None = None
    licence: Label | None = None
    contact: Label | None = None
    next_update: Label | None = None


class City(Strict):
    """What is known about the city as a whole; what its tables tell, such as areas with own counts, is not repeated."""

    # Identifier of the city as an area, also in the tables of data/raw, and its administrative code.
    id: Name
    code: Code
    label: Label
    # The projection starts at its end.
    launch_year: StrictInt
    report: Report
    # Years of the tables that are shown, the year by which a shortage is near, and the year that plans aim at.
    milestones: Annotated[tuple[StrictInt, ...], Field(min_length=1)]
    near_year: StrictInt
    target_year: StrictInt
    # Indicators of the report's table that every area is measured against, beside the norm in force.
    norms: tuple[Word, ...] = ()
    registered_counts: tuple[Count, ...] = ()
    # The country in the tables, and the years between which its bed counts give its pace of building.
    country: Word
    pace_years: tuple[StrictInt, StrictInt]
    neighbours: Neighbours
    dependency_patterns: Patterns
    # Sources named on the page about the evidence.
    sources: tuple[Word, ...]
    map: Map | None = None
    publication: Publication = Publication()
    # What a reader has to know about the counties as units of the tables.
    counties_note: Label | None = None
    # Chinese of texts that the inputs hold once, such as titles of sources.
    chinese: tuple[Label, ...] = ()

    @property
    def last_year(self) -> int:
        """Last of the years that are shown."""
        return self.milestones[-1]

    @property
    def years_ahead(self) -> tuple[int, ...]:
        """Milestones after the launch, until the target year."""
        return tuple(year for year in self.milestones if self.launch_year < year <= self.target_year)

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield names that the counties do not bear out, years out of order, sources that are not registered."""
        counties, known = context["counties"], context["sources"]
        if self.id in counties:
            message = _("is the name of a county too; facts of the city as a whole belong into config/parameters")
            yield Fault(message, path=("id",), value=self.id)
        for name in self.map.tiles if self.map else ():
            if name not in counties:
                yield unknown_county(name, counties, "map", "tiles", name)
        if list(self.milestones) != sorted(set(self.milestones)) or self.milestones[0] < self.launch_year:
            message = _("years must rise and start no earlier than {year}", year=self.launch_year)
            yield Fault(message, path=("milestones",))
        if not self.launch_year < self.near_year < self.target_year <= self.last_year:
            message = _("launch_year, near_year, target_year and the last of milestones must follow each other")
            yield Fault(message, path=("near_year",), value=self.near_year)
        yield from (unregistered(source, known, "sources") for source in self.sources if source not in known)


def load_city(root: Path, sources: Collection[str]) -> City:
    """Read config/city.yaml; raise InputError with every problem."""
    counties = [file.stem for file in inputs_in(root / "config/counties", "*.yaml")]
    return load(root, FILE, City, {"sources": sources, "counties": counties})[1]
