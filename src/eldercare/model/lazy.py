"""Results by name that are computed when they are first asked for, so that a page reads only what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Lazy(Mapping[str, T]):
    """A mapping whose values are computed once, each when it is first asked for.

    Parameters
    ----------
    names : iterable of str
    compute : callable
        Value of a name.

    Examples
    --------
    >>> lengths = Lazy(["anji", "deqing"], len)
    >>> lengths["anji"], list(lengths)
    (4, ['anji', 'deqing'])
    """

    def __init__(self, names: Iterable[str], compute: Callable[[str], T]):
        self._compute = compute
        self._found: dict[str, T | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> T:
        if self._found[name] is None:
            self._found[name] = self._compute(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
