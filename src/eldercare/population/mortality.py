"""Mortality by single age: graduation of abridged rates, and relational shifts of level."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from eldercare.population._checks import FloatArray, append_axes, numbers, starts
from eldercare.population.life_table import COALE_DEMENY_LIMIT, Sex, coale_demeny_line, life_table


def graduate_mx(mx_abridged: ArrayLike, age_starts: ArrayLike) -> FloatArray:
    """Turn abridged death rates (0, 1-4, 5-9, ...) into rates by single year of age.

    How: the logarithm of the rates is interpolated by a monotone cubic (PCHIP; Fritsch & Carlson 1980) through one node
    per group at its mid-age, with age 0 at 0.5 and the open group at its mean age at death (start + 1/m);
    single ages are read at x + 0.5. The rate at age 0 and that of the open group are kept as they are. The
    other nodes are then moved until deaths over person-years of each group, in the single-year life table,
    equal the given rate, because a group's rate is not the rate at its mid-age where mortality bends. ValueError also
    for rates so irregular that no smooth curve reproduces them.

    Parameters
    ----------
    mx_abridged : array (group,), death rates per person-year, all above 0
    age_starts : array (group,), lower ages 0, 1, 5, 10, ...; the last group is open

    Examples
    --------
    >>> single = graduate_mx([0.006, 0.0005, 0.0003, 0.0003, 0.3], [0, 1, 5, 10, 15])
    >>> single.shape, float(single[0]), float(single[-1])
    ((16,), 0.006, 0.3)
    """
    ages = starts(age_starts)
    rates = numbers("mx_abridged", mx_abridged, low=np.nextafter(0, 1))
    if rates.shape != ages.shape:
        raise ValueError(f"mx_abridged: {rates.shape} does not fit {len(ages)} age groups")
    if ages[1] != 1 or len(ages) < 3:
        raise ValueError("age_starts: expected 0, 1, ... (age 0 on its own) and an open group above")
    positions = np.append((ages[:-1] + ages[1:]) / 2, ages[-1] + 1 / rates[-1])
    nodes, inner = np.log(rates), rates[1:-1]
    for _ in range(200):
        single = np.exp(PchipInterpolator(positions, nodes)(np.arange(ages[-1] + 1) + 0.5))
        m = single[1:-1]
        survivors = np.cumprod(np.append(1.0, (1 - m / 2) / (1 + m / 2)))
        years = (survivors[:-1] + survivors[1:]) / 2
        implied = np.add.reduceat(m * years, ages[1:-1] - 1) / np.add.reduceat(years, ages[1:-1] - 1)
        if not (implied > 0).all():
            break
        if np.abs(implied / inner - 1).max() < 1e-10:
            single[0], single[-1] = rates[0], rates[-1]
            return single
        nodes[1:-1] += np.log(inner / implied)
    raise ValueError("mx_abridged: rates too irregular to graduate; no smooth curve reproduces the groups")


def brass_shift(lx: ArrayLike, alpha: ArrayLike) -> FloatArray:
    """Move survivors by Brass's relational logit: Y'(x) = alpha + Y(x), Y = ln((1 - l)/l) / 2.

    A negative alpha lowers mortality at every age; its effect fades at the oldest ages. The radix stays. Brass (1971),
    On the scale of mortality, in Biological Aspects of Demography.

    Parameters
    ----------
    lx : array (age, ...), survivors, first entry the radix (> 0), never rising
    alpha : number or array (...), the axes of `lx` after age; more axes than `lx` has make the result larger

    Examples
    --------
    >>> brass_shift([1.0, 0.9, 0.5, 0.1], alpha=-0.3).round(4)
    array([1.    , 0.9425, 0.6457, 0.1684])
    """
    lx, alpha = numbers("lx", lx, low=0.0), numbers("alpha", alpha)
    if lx.ndim == 0 or not lx[0].all() or (np.diff(lx, axis=0) > 0).any():
        raise ValueError("lx: expected survivors that begin at the radix (above 0) and never rise with age")
    lx, alpha = append_axes(lx, alpha.ndim + 1), append_axes(alpha, lx.ndim - 1)
    # Odds instead of logits: exact at l = radix (odds 0) and at l = 0 (odds infinite).
    with np.errstate(divide="ignore"):
        odds = (lx[0] - lx) / lx
    return lx[0] / (1 + np.exp(2 * alpha) * odds)


def shift_level(mx: ArrayLike, alpha: ArrayLike, sex: Sex) -> FloatArray:
    """Shift single-year death rates by Brass's alpha (`brass_shift`).

    The survivors are shifted and turned back into rates; the open group is scaled like the last closed age.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year, above 0 at the last two ages
    alpha : number or array (...), the axes of `mx` after age; further axes (draws) may follow
    sex : "female", "male" or a sequence of them (entries of axis 1)
    """
    mx, alpha = numbers("mx", mx, low=0.0), numbers("alpha", alpha)
    mx = append_axes(mx, alpha.ndim + 1)
    if len(mx) < 3 or not mx[-2].all():
        raise ValueError("mx: expected at least three ages and a rate above 0 at the last closed age")
    lx = brass_shift(life_table(mx, sex=sex).lx, alpha)
    q = 1 - lx[1:] / lx[:-1]
    shifted = np.empty_like(lx)
    shifted[:-1] = q / (1 - q / 2)
    shifted[0] = _m0_from_q0(q[0], sex)
    shifted[-1] = mx[-1] * (shifted[-2] / mx[-2])
    return shifted


def _m0_from_q0(q0: FloatArray, sex: Sex) -> FloatArray:
    """Rate at age 0 from the probability of dying, with a0 depending on the rate (Coale-Demeny)."""
    intercept, slope, a0_high = coale_demeny_line(sex, "a0", q0.ndim)
    # q = m / (1 + (1 - intercept - slope m) m) solved for m: slope q m^2 + b m - q = 0.
    b = 1 - q0 * (1 - intercept)
    low = 2 * q0 / (b + np.sqrt(b * b + 4 * slope * q0 * q0))
    return np.where(low < COALE_DEMENY_LIMIT, low, q0 / (1 - (1 - a0_high) * q0))


def level_to_e0(mx: ArrayLike, e0: ArrayLike, sex: Sex) -> FloatArray:
    """Shift single-year rates so that their life table has exactly a given life expectancy at birth.

    The shift is `shift_level`, its size the root by Brent (1973), `scipy.optimize.brentq`. ValueError also for a life
    expectancy that no shift reaches.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year
    e0 : array (...), life expectancy at birth wanted, years, for each column of `mx`
    sex : "female", "male" or a sequence of them (entries of axis 1)

    Examples
    --------
    >>> mx = 0.0001 * np.exp(0.09 * np.arange(101))
    >>> round(float(life_expectancy(level_to_e0(mx, 82.5, "male"), "male")), 9)
    82.5
    """
    mx, e0 = numbers("mx", mx, low=0.0), numbers("e0", e0, low=0.0)
    if e0.shape != mx.shape[1:]:
        raise ValueError(f"e0: {e0.shape} does not fit mx {mx.shape}")
    alpha = np.empty(e0.shape)
    for index in np.ndindex(*e0.shape):
        column_sex = sex if isinstance(sex, str) else sex[index[0]]
        alpha[index] = _solve_alpha(mx[(slice(None), *index)], float(e0[index]), column_sex)
    return shift_level(mx, alpha, sex)


def _solve_alpha(mx: FloatArray, e0: float, sex: str) -> float:
    """Brass's alpha that brings one schedule to a life expectancy at birth."""

    def excess(alpha: float) -> float:
        return float(life_expectancy(shift_level(mx, alpha, sex), sex)) - e0

    for reach in (0.5, 1.0, 2.0, 4.0):
        try:
            # Life expectancy falls as alpha rises.
            if excess(-reach) >= 0 >= excess(reach):
                return float(brentq(excess, -reach, reach, xtol=1e-14, rtol=1e-14))
        except ValueError:
            # A shift this far leaves no survivors to old age; a wider one cannot help either.
            break
    raise ValueError(f"e0: no shift of these rates has a life expectancy of {e0:g} years")


def life_expectancy(mx: ArrayLike, sex: Sex) -> FloatArray:
    """Life expectancy at birth of single-year death rates, years; arguments as `life_table`, the age axis is gone."""
    return life_table(mx, sex=sex).ex[0]
