"""Mortality by single age: graduation of abridged rates, and relational shifts of level."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from eldercare.population.life_table import COALE_DEMENY_LIMIT, Sex, append_axes, coale_demeny, life_table

# Shifts between which a level is looked for, from high to low mortality.
SHIFTS = (2.0, -4.0)


def graduate_mx(mx_abridged: np.ndarray, age_starts: np.ndarray) -> np.ndarray:
    """Turn abridged death rates (0, 1-4, 5-9, ...) into rates by single year of age.

    The logarithm of the rates is interpolated by a monotone cubic (PCHIP; Fritsch & Carlson 1980) through one node
    per group at its mid-age, with age 0 at 0.5 and the open group at its mean age at death (start + 1/m);
    single ages are read at x + 0.5. The rate at age 0 and that of the open group are kept as they are. The
    other nodes are then moved until deaths over person-years of each group, in the single-year life table,
    equal the given rate, because a group's rate is not the rate at its mid-age where mortality bends. ValueError
    for rates of 0, a first group that is wider than age 0, or rates so irregular that no smooth curve reproduces them.

    Parameters
    ----------
    mx_abridged : array (group,), death rates per person-year
    age_starts : array (group,), lower ages 0, 1, 5, 10, ...; the last group is open

    Examples
    --------
    >>> single = graduate_mx(np.array([0.006, 0.0005, 0.0003, 0.0003, 0.3]), np.array([0, 1, 5, 10, 15]))
    >>> single.shape, float(single[0]), float(single[-1])
    ((16,), 0.006, 0.3)
    """
    if not mx_abridged.min() > 0 or age_starts[1] != 1:
        raise ValueError("mx_abridged: expected rates above 0, with age 0 on its own")
    positions = np.append((age_starts[:-1] + age_starts[1:]) / 2, age_starts[-1] + 1 / mx_abridged[-1])
    nodes, inner, firsts = np.log(mx_abridged), mx_abridged[1:-1], age_starts[1:-1] - 1
    for _ in range(200):
        single = np.exp(PchipInterpolator(positions, nodes)(np.arange(age_starts[-1] + 1) + 0.5))
        m = single[1:-1]
        survivors = np.cumprod(np.append(1.0, (1 - m / 2) / (1 + m / 2)))
        years = (survivors[:-1] + survivors[1:]) / 2
        implied = np.add.reduceat(m * years, firsts) / np.add.reduceat(years, firsts)
        if not (implied > 0).all():
            break
        if np.abs(implied / inner - 1).max() < 1e-10:
            single[0], single[-1] = mx_abridged[0], mx_abridged[-1]
            return single
        nodes[1:-1] += np.log(inner / implied)
    raise ValueError("mx_abridged: rates too irregular to graduate; no smooth curve reproduces the groups")


def shift_level(mx: np.ndarray, alpha: ArrayLike, sex: Sex) -> np.ndarray:
    """Shift single-year death rates by Brass's relational logit: Y'(x) = alpha + Y(x), Y = ln((1 - l)/l) / 2.

    A negative alpha lowers mortality at every age; its effect fades at the oldest ages. The survivors are shifted and
    turned back into rates; the open group is scaled like the last closed age. Brass (1971), On the scale of mortality,
    in Biological Aspects of Demography.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year, above 0 at the last two ages
    alpha : number or array (...), the axes of `mx` after age; further axes (draws) may follow
    sex : as in `life_table`
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    mx = append_axes(mx, alpha.ndim + 1)
    lx = life_table(mx, sex).lx
    # Odds instead of logits: exact at l = 1, where they are 0.
    lx = 1 / (1 + np.exp(2 * append_axes(alpha, mx.ndim - 1)) * ((1 - lx) / lx))
    q = 1 - lx[1:] / lx[:-1]
    shifted = np.empty_like(lx)
    shifted[:-1] = q / (1 - q / 2)
    shifted[0] = _m0_from_q0(q[0], sex)
    shifted[-1] = mx[-1] * (shifted[-2] / mx[-2])
    return shifted


def _m0_from_q0(q0: np.ndarray, sex: Sex) -> np.ndarray:
    """Rate at age 0 from the probability of dying, with a0 depending on the rate (Coale-Demeny)."""
    intercept, slope, a0_high = coale_demeny(sex, q0.ndim)
    # q = m / (1 + (1 - intercept - slope m) m) solved for m: slope q m^2 + b m - q = 0.
    b = 1 - q0 * (1 - intercept)
    low = 2 * q0 / (b + np.sqrt(b * b + 4 * slope * q0 * q0))
    return np.where(low < COALE_DEMENY_LIMIT, low, q0 / (1 - (1 - a0_high) * q0))


def level_to_e0(mx: np.ndarray, e0: float, sex: str) -> np.ndarray:
    """Shift one schedule (age,) of single-year rates so that its life table has exactly a life expectancy, years.

    The shift is `shift_level`, its size the root by Brent (1973), `scipy.optimize.brentq`. ValueError for a life
    expectancy that no shift reaches.

    Examples
    --------
    >>> mx = 0.0001 * np.exp(0.09 * np.arange(101))
    >>> round(float(life_expectancy(level_to_e0(mx, 82.5, "male"), "male")), 9)
    82.5
    """

    def excess(alpha: float) -> float:
        return float(life_expectancy(shift_level(mx, alpha, sex), sex)) - e0

    if not excess(SHIFTS[0]) <= 0 <= excess(SHIFTS[1]):
        raise ValueError(f"e0: no shift of these rates has a life expectancy of {e0:g} years")
    return shift_level(mx, brentq(excess, *SHIFTS, xtol=1e-14, rtol=1e-14), sex)


def life_expectancy(mx: np.ndarray, sex: Sex) -> np.ndarray:
    """Life expectancy at birth of single-year death rates, years; arguments as `life_table`, the age axis is gone."""
    return life_table(mx, sex).ex[0]
