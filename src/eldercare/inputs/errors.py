"""The one error type for a wrong request or wrong inputs, and the nearest-spelling hint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One fault of an input: where it stands, what was found, what is allowed.

    Attributes
    ----------
    where : str
        File (with line or row when known), or the option of the command.
    key : str
        Parameter, column or option at fault; empty when the whole file is meant.
    value : object
        What was found; ``None`` when nothing was found.
    message : str
        What is wrong and what is allowed, as one clause.
    hint : str
        Nearest allowed spelling, or how to mend it; may be empty.
    """

    where: str
    key: str = ""
    value: object = None
    message: str = ""
    hint: str = ""

    def __str__(self) -> str:
        found = "" if self.value is None else repr(self.value)
        what = " = ".join(part for part in (self.key, found) if part)
        key = f" {what}:" if what else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.where}:{key} {self.message}{tail}"


class InputError(ValueError):
    """The request or the inputs are wrong; carries every problem found, one line each."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Problem]]]:
        """Come whole out of a worker process."""
        return InputError, (self.problems,)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return ``did you mean X?`` for the nearest allowed word, whatever its case, or an empty string.

    Examples
    --------
    >>> did_you_mean("nort", ["north", "EAST"]), did_you_mean("Eas", ["north", "EAST"])
    ('did you mean north?', 'did you mean EAST?')
    >>> did_you_mean("zzz", ["north", "EAST"])
    ''
    """
    by_lower = {name.lower(): name for name in allowed}
    matches = get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[matches[0]]}?" if matches else ""
