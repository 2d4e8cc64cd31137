"""The oldest ages: the Kannisto close-out of a schedule, and a factor on the level of mortality there."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population.life_table import append_axes, life_table

# First and last age that the curve is fitted to, the first age taken wholly from it, and where it is carried to close
# a table: practically nobody is left.
FIT_AGES = (80, 99)
CURVE_AGE = 95
LAST_AGE = 150
FADE_YEARS = 5


def close_out(mx: np.ndarray) -> np.ndarray:
    """Replace the rates of the oldest ages by Kannisto's logistic curve and close the table after it.

    The curve m = c exp(d x) / (1 + c exp(d x)) is a straight line in logit(m). The line is fitted by least squares
    with equal weights over the ages 80-99 (no deaths and exposures are needed, unlike the maximum likelihood of the
    Human Mortality Database, which suits counts). The rate of the open group is that of the closed schedule: one over
    the expectation of life at the open age when the curve runs on to 150.

    From 95 on the rates are those of the curve; over the five ages before, the given log rates pass into it along a
    smoothstep, so the schedule gets no step where the curve does not meet it.

    Thatcher, Kannisto & Vaupel (1998), The Force of Mortality at Ages 80 to 120; Wilmoth et al. (2021), Methods
    Protocol for the Human Mortality Database, v6, on smoothing at older ages. ValueError for rates at 80-99 that are
    not between 0 and 1 or do not rise with age (the logistic would not close the table).

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year by single age to 100 and over

    Examples
    --------
    >>> odds = np.exp(0.11 * (np.arange(101) - 102.0))
    >>> bool(np.allclose(close_out(odds / (1 + odds))[:100], (odds / (1 + odds))[:100]))
    True
    """
    first, last = FIT_AGES
    fitted = mx[first : last + 1]
    if fitted.min() <= 0 or fitted.max() >= 1:
        raise ValueError(f"mx: rates at {first}-{last} must lie between 0 and 1")
    logit = np.log(fitted / (1 - fitted))
    centred = append_axes(np.arange(first, last + 1) - (first + last) / 2, mx.ndim)
    slope = (centred * logit).sum(axis=0) / (centred**2).sum()
    if (slope <= 0).any():
        raise ValueError(f"mx: rates do not rise with age over {first}-{last}; no close-out")
    # The given rates are read only below the curve's age; above, the weight of the curve is 1.
    fade = slice(CURVE_AGE - FADE_YEARS, CURVE_AGE)
    old = append_axes(np.arange(fade.start, LAST_AGE + 1) - (first + last) / 2, mx.ndim)
    curve = 1 / (1 + np.exp(-(logit.mean(axis=0) + slope * old)))
    weight = append_axes(_fade_in(CURVE_AGE, CURVE_AGE)[fade], mx.ndim)
    curve[:FADE_YEARS] = mx[fade] ** (1 - weight) * curve[:FADE_YEARS] ** weight
    schedule = np.concatenate([mx[: fade.start], curve])
    closed = schedule[: len(mx)].copy()
    closed[-1] = 1 / life_table(schedule[len(mx) - 1 :]).ex[0]
    return closed


def old_age_factor(mx: np.ndarray, level: ArrayLike, from_age: int = 80) -> np.ndarray:
    """Multiply rates from an age (80) on by exp(level), fading in smoothly over the five ages before.

    For the parameter on the level of old-age mortality, where published deaths are too few: level 0.1 means 10.5%
    more deaths per person-year. The fade is a cubic smoothstep, so the schedule gets no step. A convention of this
    model, in the log rates as in Lee & Carter (1992).

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year
    level : number or array (...), log ratio; the axes of `mx` after age, further axes (draws) may follow

    Examples
    --------
    >>> old_age_factor(np.full(101, 0.1), 0.1)[[74, 75, 77, 79, 80, 100]].round(4)
    array([0.1   , 0.1   , 0.1036, 0.1094, 0.1105, 0.1105])
    """
    level = np.asarray(level)
    mx = append_axes(mx, level.ndim + 1)
    fade = append_axes(_fade_in(len(mx), from_age), mx.ndim)
    return mx * np.exp(fade * append_axes(level, mx.ndim - 1))


def _fade_in(ages: int, from_age: int) -> np.ndarray:
    """Cubic smoothstep over single ages: 0 up to from_age - 5, 1 from from_age."""
    into = np.clip((np.arange(ages) - (from_age - FADE_YEARS)) / FADE_YEARS, 0.0, 1.0)
    return into**2 * (3 - 2 * into)
