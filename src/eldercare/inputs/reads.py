"""What results were made from: the parameters and tables that were read on the way to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Kind of output in which an executed notebook says what it was made from.
KIND = "application/vnd.eldercare.reads+json"


@dataclass
class Reads:
    """A record that grows while something is computed.

    Attributes
    ----------
    parameters : set of (scenario, area, key)
    tables : set of str
        Tables of data/raw.
    """

    parameters: set[tuple[str, str, str]] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)

    def update(self, other: Reads) -> None:
        """Add another record to this one."""
        self.parameters |= other.parameters
        self.tables |= other.tables

    def record(self) -> dict[str, list]:
        """Return the record as plain values, areas that read the same keys together.

        Examples
        --------
        >>> reads = Reads({("base", "anji", "k"), ("base", "deqing", "k")}, {"t"})
        >>> reads.record()
        {'parameters': [['base', ['anji', 'deqing'], ['k']]], 'tables': ['t']}
        >>> Reads.of(reads.record()) == reads
        True
        """
        keys = defaultdict(set)
        for scenario, area, key in self.parameters:
            keys[scenario, area].add(key)
        areas = defaultdict(list)
        for (scenario, area), found in sorted(keys.items()):
            areas[scenario, tuple(sorted(found))].append(area)
        parameters = [[scenario, found, list(names)] for (scenario, names), found in areas.items()]
        return {"parameters": parameters, "tables": sorted(self.tables)}

    @classmethod
    def of(cls, record: dict[str, list]) -> Reads:
        """Return the reads of a record."""
        return cls(set(cls._rows(record["parameters"])), set(record["tables"]))

    @staticmethod
    def _rows(parameters: Iterable[list]) -> Iterator[tuple[str, str, str]]:
        for scenario, areas, keys in parameters:
            yield from ((scenario, area, key) for area in areas for key in keys)
