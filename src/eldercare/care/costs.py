"""Plans and costs: whole units to open, where care takes place, the stock of workers, and who pays what."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats
from eldercare.care.beds import build_to_norm

# Less than this part of a unit is none: rounding of sums.
ROUNDING = 1e-6


class Balance(NamedTuple):
    """Persons who depend on care by where they are cared for, arrays (years, draws); they add up to all of them."""

    institution: FloatArray
    home_care_centre: FloatArray
    paid_home: FloatArray
    family: FloatArray


def units_opened(missing: ArrayLike, years: ArrayLike, first_year: int, catch_up_years: int) -> np.ndarray:
    """Return whole units opened by the end of each year so that what is missing is there, as :func:`build_to_norm`.

    Parameters
    ----------
    missing : array (years,), units wanted beyond those there are
    years, first_year, catch_up_years : as there

    Examples
    --------
    >>> units_opened([3, 3.2, 9.5, 4], [2026, 2027, 2028, 2029], 2027, 2).tolist()
    [0, 2, 10, 10]
    """
    return np.ceil(build_to_norm(0.0, missing, years, first_year, catch_up_years) - ROUNDING).astype(int)


def balance(
    dependents: ArrayLike, institution: ArrayLike, centre: ArrayLike, paid_share: ArrayLike, more_paid: ArrayLike = 0.0
) -> Balance:
    """Return where those who depend on care are cared for: in institutions, at centres, at home paid or by the family.

    Who finds no place is at home; so many of those have paid care as ``paid_share`` says, and ``more_paid`` beside.

    Parameters
    ----------
    dependents, institution, centre : arrays (years, draws), persons; places taken beyond all dependents stay empty
    paid_share : number or array (draws,)

    Examples
    --------
    >>> [float(persons[0, 0]) for persons in balance([[100.0]], [[30.0]], [[20.0]], 0.2)]
    [30.0, 20.0, 10.0, 40.0]
    """
    everybody = floats(dependents)
    inside = np.minimum(floats(institution), everybody)
    day = np.minimum(floats(centre), everybody - inside)
    outside = everybody - inside - day
    paid = np.minimum(outside * floats(paid_share) + floats(more_paid), outside)
    return Balance(inside, day, paid, outside - paid)


def workers_without_more(stock: ArrayLike, lost: ArrayLike, trained: ArrayLike, years: int) -> FloatArray:
    """Return the stock of workers if so many are trained every year as now, array (years, draws).

    stock(t + 1) = stock(t) (1 - lost) + trained, where ``lost`` is the net share of those who leave and do not return.

    Examples
    --------
    >>> workers_without_more([100.0], 0.2, 10, 3).ravel().tolist()
    [100.0, 90.0, 82.0]
    """
    path = [floats(stock)]
    for _ in range(years - 1):
        path.append(path[-1] * (1 - floats(lost)) + floats(trained))
    return np.stack(path)


def shares_of_payers(public: ArrayLike, higher: ArrayLike, insured: ArrayLike, rest: str) -> Mapping[str, FloatArray]:
    """Return the part of a cost that each payer bears; the parts add up to 1, in every draw.

    Parameters
    ----------
    public : part that public budgets pay; ``higher``: part of this that province and state pay, the county the others
    insured : part that long-term-care insurance pays, at most what the public budgets leave
    rest : who pays what is left, ``family`` or ``operator``

    Examples
    --------
    >>> {name: round(float(part), 3) for name, part in shares_of_payers(0.4, 0.25, 0.1, "family").items()}
    {'county': 0.3, 'province': 0.1, 'insurance': 0.1, 'family': 0.5}
    """
    given, above = np.clip(floats(public), 0, 1), floats(higher)
    insurance = np.minimum(floats(insured), 1 - given)
    parts = {"county": given * (1 - above), "province": given * above, "insurance": insurance}
    return parts | {rest: 1 - given - insurance}


def discounting(years: ArrayLike, since: int, rate: float) -> FloatArray:
    """Return what a yuan of each year is worth in the year ``since``: 1 until then, 1 / (1 + rate)^n afterwards.

    Examples
    --------
    >>> discounting([2026, 2027, 2028], 2027, 0.25).tolist()
    [1.0, 1.0, 0.8]
    """
    return (1 + rate) ** -np.maximum(floats(years) - since, 0.0)
