"""What the interval of a gap says: a shortage, enough, or not decided."""

from __future__ import annotations

SHORT, OPEN, ENOUGH = "short", "open", "enough"


def gap_state(low: float, high: float) -> str:
    """Return what the interval of a gap (positive = shortage) stands for.

    Parameters
    ----------
    low, high : float
        Ends of the interval, in whatever the gap is counted.

    Returns
    -------
    {"short", "open", "enough"}
        Short where the whole interval is a shortage; enough where none of it is, a gap of exactly nought being
        none; open where it holds both.

    Examples
    --------
    >>> gap_state(10, 20), gap_state(-5, 20), gap_state(-20, 0)
    ('short', 'open', 'enough')
    """
    if low > 0:
        return SHORT
    return ENOUGH if high <= 0 else OPEN
