"""What the interval of a gap says: a shortage, enough, or not decided."""

from __future__ import annotations

SHORT, OPEN, ENOUGH = "short", "open", "enough"


def gap_state(low: float, high: float) -> str:
    """Return what the interval of a gap (positive = shortage) stands for.

    Short where the whole interval is a shortage; enough where none of it is, a gap of exactly nought being
    none; open where it holds both.
    """
    if low > 0:
        return SHORT
    return ENOUGH if high <= 0 else OPEN
