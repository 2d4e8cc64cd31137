"""Period life tables, and the survival ratios and expectations of life that a projection needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, append_axes, numbers

# Death rate that leaves no survivors of a single year of age, when those who die do so half-way, per year.
HIGHEST_MX = 2.0
# Coale-Demeny West as given by Preston, Heuveline & Guillot 2001, table 3.3: years lived by those who die at 0 (a0)
# or at 1-4 (a1) are first + second * m0 below m0 = 0.107, and the third from there on.
COALE_DEMENY_LIMIT = 0.107
COALE_DEMENY = {
    "female": {"a0": (0.053, 2.800, 0.350), "a1": (1.522, -1.518, 1.361)},
    "male": {"a0": (0.045, 2.684, 0.330), "a1": (1.651, -2.816, 1.352)},
}

Sex = str | Sequence[str]


@dataclass(frozen=True)
class LifeTable:
    """Columns of a period life table, each of the shape of the death rates (age first).

    Attributes
    ----------
    mx : death rate per person-year
    ax : years lived in the age group by those who die in it (open group: 1/m)
    qx : probability of dying in the age group (open group: 1)
    lx : survivors at the lower age of the group, out of 1 at birth
    dx : deaths in the group
    Lx : person-years lived in the group
    Tx : person-years lived in the group and above
    ex : expectation of life at the lower age, years
    """

    mx: FloatArray
    ax: FloatArray
    qx: FloatArray
    lx: FloatArray
    dx: FloatArray
    Lx: FloatArray
    Tx: FloatArray
    ex: FloatArray


def life_table(mx: ArrayLike, ax: ArrayLike | None = None, widths: ArrayLike = 1, sex: Sex | None = None) -> LifeTable:
    """Build period life tables from death rates; the last age group is open.

    Preston, Heuveline & Guillot (2001), Demography, ch. 3: q = n m / (1 + (n - a) m), L = n l' + a d, L_open = l/m. a0
    and 4a1: Coale & Demeny (1983), their table 3.3. ValueError also for no sex where one is needed, or a rate so high
    for its width that the probability of dying reaches 1 below the open group.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year from age 0; further axes (sex, draw, ...) at once
    ax : array (age,) or (age, ...), years lived in the group by those who die in it; the entry of the open group is
        not read. Left out: Coale-Demeny for 0 and 1-4 from m0 and `sex`, half the width elsewhere.
    widths : number or array (age,), width of the age groups in years: 1 for single years, (1, 4, 5, 5, ..., any) for an
        abridged table; the entry of the open group is not read
    sex : "female", "male" or a sequence of them that names the entries of axis 1; needed when `ax` is left out and the
        first group is one year wide

    Examples
    --------
    >>> table = life_table([0.02, 0.001, 0.01, 0.2], ax=[0.1, 2, 30, 0], widths=[1, 4, 60, 0])
    >>> table.lx.round(4), round(float(table.ex[0]), 3)
    (array([1.    , 0.9804, 0.9764, 0.5258]), 52.591)
    """
    mx = numbers("mx", mx, low=0.0)
    if mx.ndim == 0 or len(mx) < 2:
        raise ValueError("mx: expected at least two age groups, age on the first axis")
    if not mx[-1].all():
        raise ValueError("mx: the rate of the open age group must be above 0")
    n = append_axes(_closed_widths(widths, len(mx)), mx.ndim)
    a = _closed_ax(mx, n, sex) if ax is None else _given_ax(ax, mx, n)

    m = mx[:-1]
    q = n * m / (1 + (n - a) * m)
    if (q >= 1).any():
        group = int(np.argwhere(q >= 1)[0][0])
        raise ValueError(
            f"mx: nobody survives age group {group} (rate {m[group].max():g} with these widths and ax); "
            "give ax of the oldest groups, or graduate to single years first"
        )
    lx = np.empty_like(mx)
    lx[0] = 1
    lx[1:] = np.cumprod(1 - q, axis=0)
    dx = lx.copy()
    dx[:-1] -= lx[1:]
    Lx = np.empty_like(mx)
    Lx[:-1] = n * lx[1:] + a * dx[:-1]
    Lx[-1] = lx[-1] / mx[-1]
    Tx = np.cumsum(Lx[::-1], axis=0)[::-1]
    qx = np.concatenate([q, np.ones_like(mx[-1:])])
    all_ax = np.concatenate([np.broadcast_to(a, m.shape), 1 / mx[-1:]])
    return LifeTable(mx=mx, ax=all_ax, qx=qx, lx=lx, dx=dx, Lx=Lx, Tx=Tx, ex=Tx / lx)


def _closed_widths(widths: ArrayLike, groups: int) -> FloatArray:
    """Widths of the closed age groups, one per group."""
    given = np.asarray(widths, dtype=np.float64)
    if given.ndim and given.shape != (groups,):
        raise ValueError(f"widths: {given.shape} does not fit {groups} age groups")
    return numbers("widths", np.broadcast_to(given, groups)[:-1], low=np.nextafter(0, 1))


def _given_ax(ax: ArrayLike, mx: FloatArray, n: FloatArray) -> FloatArray:
    """Check a user's column a and return its closed part with the axes of mx."""
    given = np.asarray(ax, dtype=np.float64)
    if given.ndim not in (1, mx.ndim) or given.shape != mx.shape[: given.ndim]:
        raise ValueError(f"ax: {given.shape} does not fit mx {mx.shape}")
    closed = append_axes(numbers("ax", given[:-1], low=0.0), mx.ndim)
    if (closed > n).any():
        raise ValueError("ax: more years lived than the age group is wide")
    return closed


def _closed_ax(mx: FloatArray, n: FloatArray, sex: Sex | None) -> FloatArray:
    """Column a of the closed groups: Coale-Demeny at 0 and 1-4, half the width elsewhere."""
    a = np.broadcast_to(n / 2, mx[:-1].shape).copy()
    if n[0].item() != 1:
        return a
    if sex is None:
        raise ValueError("sex: needed for a0 when ax is not given")
    a[0] = coale_demeny(mx[0], sex, "a0")
    if len(n) > 1 and n[1].item() == 4:
        a[1] = coale_demeny(mx[0], sex, "a1")
    return a


def coale_demeny(m0: FloatArray, sex: Sex, column: str) -> FloatArray:
    """Years lived by those who die at age 0 (column "a0") or at 1-4 ("a1"), given the rate at age 0, array (...).

    Coale & Demeny (1983), as in Preston, Heuveline & Guillot (2001), table 3.3. A sequence of sexes names the entries
    of the first axis of `m0`.
    """
    intercept, slope, high = coale_demeny_line(sex, column, m0.ndim)
    if not isinstance(sex, str) and (m0.ndim == 0 or len(m0) != len(sex)):
        raise ValueError(f"sex: {len(sex)} names do not fit axis 1 of the rates")
    return np.where(m0 < COALE_DEMENY_LIMIT, intercept + slope * m0, high)


def coale_demeny_line(sex: Sex, column: str, ndim: int) -> FloatArray:
    """Intercept, slope and highest value of `coale_demeny`, each to be broadcast to so many axes, sexes first."""
    names = [sex] if isinstance(sex, str) else list(sex)
    unknown = [name for name in names if name not in COALE_DEMENY]
    if unknown:
        raise ValueError(f"sex: {unknown[0]!r} is not one of {', '.join(COALE_DEMENY)}")
    lines = np.array([COALE_DEMENY[name][column] for name in names]).T
    return lines[:, 0] if isinstance(sex, str) else append_axes(lines, ndim + 1)


def survival_from_mx(mx: ArrayLike, sex: Sex) -> FloatArray:
    """Survival ratios at the arrival age straight from single-year death rates, the fast way for many draws.

    S_0 = L_0 / l_0, S_x = L_x / L_{x-1}, S_open = L_open / (L_{open-1} + L_open). With single years the survivors
    cancel: S_x = (1 - a_{x-1} m_{x-1}) / (1 + (1 - a_x) m_x), so no cumulated product is needed. Preston, Heuveline &
    Guillot (2001), Demography, ch. 3 and 6.

    Parameters
    ----------
    mx : array (age, ...), death rates per person-year
    sex : "female", "male" or a sequence of them (entries of axis 1)

    Examples
    --------
    >>> survival_from_mx([0.005, 0.0005, 0.3], "female").round(4)
    array([0.9954, 0.9994, 0.7692])
    """
    mx = numbers("mx", mx, low=0.0)
    if mx.ndim == 0 or len(mx) < 3 or not mx[-1].all():
        raise ValueError("mx: expected at least three single ages and a rate above 0 in the open group")
    if mx[:-1].max() >= HIGHEST_MX:
        raise ValueError("mx: a rate below the open group is so high that nobody survives its age group")
    return fill_survival(mx, sex, np.empty_like(mx), np.empty_like(mx))


def fill_survival(mx: FloatArray, sex: Sex, out: FloatArray, spare: FloatArray) -> FloatArray:
    """Write survival ratios into `out`, unchecked: for callers that have made sure of shapes and ranges.

    Arguments and result as in `survival_from_mx`; `spare` is of the shape of `mx` and is written over.
    """
    a0 = coale_demeny(mx[0], sex, "a0")
    np.multiply(mx, 0.5, out=spare)
    survived = out[1:]
    np.subtract(1, spare[:-1], out=survived)
    survived[0] = 1 - a0 * mx[0]
    spare += 1
    survived[:-1] /= spare[1:-1]
    # Last age: survived / m_open is L_open / L_{open-1} = r, and S_open = r / (1 + r).
    survived[-1] /= survived[-1] + mx[-1]
    out[0] = 1 / (1 + (1 - a0) * mx[0])
    return out


def expectation_from_survival(survival: FloatArray, mx: FloatArray, ages: Sequence[int]) -> list[FloatArray]:
    """Return the expectation of life at some ages from survival ratios at hand, the fast way for many draws.

    The same numbers as the column ex of `life_table`. From the oldest age down, person-years from an age on over those
    at that age are E_x = 1 + S_{x+1} E_{x+1}, with r = S_open / (1 - S_open) beyond the last closed age; person-years
    at an age over its survivors are S_0 at birth and 1 / (1 + m_x / 2) at ages from 1. Nothing is checked here.

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
