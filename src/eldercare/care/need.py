"""Need: prevalence of care dependency by age and sex, and the persons in need that follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, not_negative, positive


def prevalence_by_age(level: ArrayLike, pattern: ArrayLike, population: ArrayLike) -> FloatArray:
    """Scale an age pattern of dependency so that a reference population has a given overall share.

    ValueError if the pattern or the population is negative or gives nobody in need, or if a prevalence exceeds 1.

    Parameters
    ----------
    level : number or array (draws,), share of the reference population in care need
    pattern : array (groups, sexes), relative prevalence; only ratios matter
    population : array (groups, sexes), reference population, persons

    Examples
    --------
    >>> prevalence_by_age(0.1, [[1.0], [3.0]], [[100.0], [100.0]]).ravel().round(6).tolist()
    [0.05, 0.15]
    """
    relative, persons = not_negative("the pattern", pattern), not_negative("the population", population)
    share_in_need = floats(level)
    mean = (relative * persons).sum() / persons.sum()
    if not mean > 0:
        raise ValueError("the pattern gives nobody in need")
    prevalence = (relative[..., None] if share_in_need.ndim else relative) / mean * share_in_need
    if (prevalence > 1).any():
        raise ValueError(f"prevalence reaches {prevalence.max():.2f}; it cannot exceed 1")
    return prevalence


def care_need(population: ArrayLike, prevalence: ArrayLike, factor: ArrayLike = 1.0) -> FloatArray:
    """Return elders in care need, array (...) or (..., draws): sum over age and sex of population x prevalence.

    Parameters
    ----------
    population : array (..., groups, sexes) or (..., groups, sexes, draws), persons
    prevalence : array (groups, sexes) or (groups, sexes, draws); it carries draws exactly if the population does
    factor : number or array (..., sexes) or (..., sexes, draws), change of prevalence at every age since the launch
        year, as from :func:`shift_factor`

    Examples
    --------
    >>> float(care_need([[100.0], [50.0]], [[0.1], [0.4]], 0.9))
    27.0
    """
    shares = floats(prevalence)
    by_sex, sexes = ("...gsd,gsd->...sd", -2) if shares.ndim == 3 else ("...gs,gs->...s", -1)
    return (np.einsum(by_sex, floats(population), shares) * floats(factor)).sum(axis=sexes)


def age_gradient(pattern: ArrayLike, ages: ArrayLike, population: ArrayLike) -> FloatArray:
    """Return the yearly rise of the log prevalence with age, array (sexes,); ValueError unless prevalence is positive.

    Dependency rises with age about exponentially; the slope is fitted by least squares, weighted with the
    population, because published bands are too wide to be moved age by age.

    Parameters
    ----------
    pattern : array (groups, sexes), relative prevalence
    ages : array (groups,), middle of each age group, years
    population : array (groups, sexes), weights, persons

    Examples
    --------
    >>> age_gradient([[0.1], [0.2], [0.4]], [65, 75, 85], [[3.0], [2.0], [1.0]]).round(4).tolist()
    [0.0693]
    """
    logs, middles = np.log(positive("the pattern", pattern)), floats(ages)
    weights = floats(population) / floats(population).sum(axis=0)
    centred = middles[:, None] - weights.T @ middles
    return (weights * centred * logs).sum(axis=0) / (weights * centred**2).sum(axis=0)


def shift_factor(gradient: ArrayLike, years: ArrayLike) -> FloatArray:
    """Return the factor on prevalence at every age when its age pattern moves to higher ages by so many years.

    Where prevalence rises as exp(gradient x age), with the gradient per year of age of :func:`age_gradient`, the factor
    is exp(-gradient x years); fewer years than nought stand for an expansion of morbidity. Compression and expansion
    after Fries (1980), Gruenberg (1977) and Manton (1982).

    Examples
    --------
    >>> bool(shift_factor(0.07, 2) < shift_factor(0.07, 0) == 1 < shift_factor(0.07, -2))
    True
    """
    return np.exp(-floats(gradient) * floats(years))


def shares_by_setting(institution: ArrayLike, centre: ArrayLike) -> dict[str, FloatArray]:
    """Return the shares of dependent elders by setting; they add to 1, care at home is the remainder.

    Where a draw of the two shares, in institutions and with a centre bed (community), adds to more than 1 both are
    scaled down to 1 and nobody is left at home.

    Examples
    --------
    >>> {k: round(float(v), 3) for k, v in shares_by_setting(0.164, 0.1).items()}
    {'institution': 0.164, 'home_care_centre': 0.1, 'home': 0.736}
    """
    in_homes, in_centres = floats(institution), floats(centre)
    scale = np.maximum(in_homes + in_centres, 1.0)
    in_homes, in_centres = in_homes / scale, in_centres / scale
    return {"institution": in_homes, "home_care_centre": in_centres, "home": 1 - in_homes - in_centres}
