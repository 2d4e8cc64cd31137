"""Period life tables, and the survival ratios and expectations of life that a projection needs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# Death rate that leaves no survivors of a single year of age, when those who die do so half-way, per year.
HIGHEST_MX = 2.0
# Coale-Demeny West as given by Preston, Heuveline & Guillot 2001, table 3.3: years lived by those who die at age 0 are
# first + second * m0 below m0 = 0.107, and the third from there on.
COALE_DEMENY_LIMIT = 0.107
COALE_DEMENY = {"female": (0.053, 2.800, 0.350), "male": (0.045, 2.684, 0.330)}

Sex = str | Sequence[str]


class LifeTable(NamedTuple):
    """Columns of a period life table, each of the shape of the death rates (age first).

    Attributes
    ----------
    lx : survivors at the lower age of the group, out of 1 at birth
    Lx : person-years lived in the group
    ex : expectation of life at the lower age, years
    """

    lx: np.ndarray
    Lx: np.ndarray
    ex: np.ndarray


def append_axes(array: ArrayLike, ndim: int) -> np.ndarray:
    """View an array with axes of length 1 appended until it has `ndim` axes (age stays first)."""
    array = np.asarray(array, dtype=np.float64)
    return array.reshape(array.shape + (1,) * max(0, ndim - array.ndim))


def life_table(mx: ArrayLike, sex: Sex | None = None, ax: ArrayLike | None = None, widths: ArrayLike = 1) -> LifeTable:
    """Build period life tables from death rates; the last age group is open.

    Preston, Heuveline & Guillot (2001), Demography, ch. 3: q = n m / (1 + (n - a) m), L = n l' + a d, L_open = l/m.
    ValueError for rates that are negative, missing, 0 in the open group, or so high that nobody survives a group
    before it, and for groups of several years without `ax`.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year; further axes (sex, draw, ...) at once
    sex : "female", "male" or a sequence of them that names the entries of axis 1, for a first group of age 0 with the
        a0 of Coale & Demeny (1983); left out: half the width there too
    ax : array (age,), years lived in the group by those who die in it; half a year when left out, for
        single years only: half of five years would leave about 1% too many at 80 and over
    widths : number or array (age,), years of the age groups. The entries of the open group in `ax` and `widths` are
        not read.

    Examples
    --------
    >>> table = life_table([0.02, 0.001, 0.01, 0.2], ax=[0.1, 2, 30, 0], widths=[1, 4, 60, 0])
    >>> table.lx.round(4), round(float(table.ex[0]), 3)
    (array([1.    , 0.9804, 0.9764, 0.5258]), 52.591)
    """
    mx = np.asarray(mx)
    m = mx[:-1]
    if ax is None and np.max(widths) > 1:
        raise ValueError("ax: needed where an age group is wider than a year")
    n = append_axes(np.broadcast_to(widths, len(mx))[:-1], mx.ndim)
    a = np.broadcast_to(n / 2 if ax is None else append_axes(np.asarray(ax)[:-1], mx.ndim), m.shape).copy()
    if sex is not None:
        a[0] = infant_years(mx[0], sex)
    q = n * m / (1 + (n - a) * m)
    # Also false where a rate is not a number.
    if not (m.min() >= 0 and q.max() < 1 and mx[-1].min() > 0):
        raise ValueError("mx: expected rates from 0, above 0 in the open group, that somebody survives in every other")
    lx = np.concatenate([np.ones_like(mx[:1]), np.cumprod(1 - q, axis=0)])
    Lx = np.concatenate([n * lx[1:] + a * (lx[:-1] - lx[1:]), lx[-1:] / mx[-1:]])
    return LifeTable(lx, Lx, np.cumsum(Lx[::-1], axis=0)[::-1] / lx)


def infant_years(m0: np.ndarray, sex: Sex) -> np.ndarray:
    """Years lived by those who die at age 0 given the death rate there (Coale-Demeny), sexes on the first axis."""
    intercept, slope, high = coale_demeny(sex, m0.ndim)
    return np.where(m0 < COALE_DEMENY_LIMIT, intercept + slope * m0, high)


def coale_demeny(sex: Sex, ndim: int) -> np.ndarray:
    """Intercept, slope and highest value of `infant_years`, each to be broadcast to so many axes, sexes first."""
    if isinstance(sex, str):
        return np.array(COALE_DEMENY[sex])
    return append_axes(np.transpose([COALE_DEMENY[name] for name in sex]), ndim + 1)


def survivable(mx: np.ndarray) -> np.ndarray:
    """Return death rates, those at which nobody would survive an age just below that; some of many draws reach them."""
    return np.minimum(mx, np.nextafter(HIGHEST_MX, 0.0))


def survival_from_mx(mx: np.ndarray, sex: Sex) -> np.ndarray:
    """Survival ratios at the arrival age straight from single-year death rates, the fast way for many draws.

    S_0 = L_0 / l_0, S_x = L_x / L_{x-1}, S_open = L_open / (L_{open-1} + L_open). With single years the survivors
    cancel: S_x = (1 - a_{x-1} m_{x-1}) / (1 + (1 - a_x) m_x), so no cumulated product is needed. Preston, Heuveline &
    Guillot (2001), Demography, ch. 3 and 6. ValueError for a rate that nobody survives.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year, above 0 in the open group
    sex : as in `life_table`

    Examples
    --------
    >>> survival_from_mx(np.array([0.005, 0.0005, 0.3]), "female").round(4)
    array([0.9954, 0.9994, 0.7692])
    """
    # Also false where a rate is not a number.
    if not mx[:-1].max() < HIGHEST_MX:
        raise ValueError("mx: a rate below the open group is so high that nobody survives its age group")
    return fill_survival(mx, sex, np.empty_like(mx), np.empty_like(mx))


def fill_survival(mx: np.ndarray, sex: Sex, out: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Write the result of `survival_from_mx` into `out`, unchecked; `spare` is of the same shape and written over."""
    a0 = infant_years(mx[0], sex)
    np.multiply(mx, 0.5, out=spare)
    survived = np.subtract(1, spare[:-1], out=out[1:])
    survived[0] = 1 - a0 * mx[0]
    spare += 1
    survived[:-1] /= spare[1:-1]
    # Last age: survived / m_open is L_open / L_{open-1} = r, and S_open = r / (1 + r).
    survived[-1] /= survived[-1] + mx[-1]
    out[0] = 1 / (1 + (1 - a0) * mx[0])
    return out


def expectation_from_survival(survival: np.ndarray, mx: np.ndarray, ages: Sequence[int]) -> list[np.ndarray]:
    """Return the expectation of life at some ages from survival ratios at hand, the fast way for many draws.

    The same numbers as the column ex of `life_table`. From the oldest age down, person-years from an age on over those
    at that age are E_x = 1 + S_{x+1} E_{x+1}, with r = S_open / (1 - S_open) beyond the last closed age; person-years
    at an age over its survivors are S_0 at birth and 1 / (1 + m_x / 2) at ages from 1.

    Parameters
    ----------
    survival, mx : array (age, ...), of `survival_from_mx`, and the death rates that it was made from
    ages : 0, or ages from 1 below the open group
    """
    years = 1 + survival[-1] / (1 - survival[-1])
    expectations = {}
    for age in range(len(survival) - 2, min(ages) - 1, -1):
        if age in ages:
            expectations[age] = years / (1 + mx[age] / 2) if age else years * survival[0]
        years *= survival[age]
        years += 1
    return [expectations[age] for age in ages]
