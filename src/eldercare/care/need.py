"""Need: prevalence of care dependency by age and sex, and the persons in need that follow."""

import numpy as np
from numpy.typing import ArrayLike

from eldercare.care._checks import FloatArray, floats, not_negative

# Shares that differ by less are the same.
ROUNDING = 1e-9


def prevalence_by_age(level: ArrayLike, pattern: ArrayLike, population: ArrayLike) -> FloatArray:
    """Scale an age pattern of dependency so that a reference population has a given overall share.

    Where an age would exceed 1 it stays there, and the others have what is missing. ValueError if the pattern or the
    population is negative or gives nobody in need, or if the level is out of reach.

    Parameters
    ----------
    level : number or array (draws,), share of the reference population in care need
    pattern : array (groups, sexes), relative prevalence; only ratios matter
    population : array (groups, sexes), reference population, persons

    Examples
    --------
    >>> prevalence_by_age(0.1, [[1.0], [3.0]], [[100.0], [100.0]]).ravel().round(6).tolist()
    [0.05, 0.15]
    >>> prevalence_by_age(0.7, [[1.0], [3.0]], [[100.0], [100.0]]).ravel().round(6).tolist()
    [0.4, 1.0]
    """
    relative, persons = not_negative("the pattern", pattern), not_negative("the population", population)
    share_in_need, weights = floats(level), persons / persons.sum()
    if not (relative * weights).sum() > 0:
        raise ValueError("the pattern gives nobody in need")
    # The overall share is linear in the scale between the scales at which an age reaches 1.
    scales = np.append(0.0, np.sort(1 / relative[relative > 0]))
    reached = np.minimum(scales[:, None, None] * relative, 1) * weights
    reached = reached.sum(axis=(1, 2))
    if (share_in_need > reached[-1] + ROUNDING).any():
        raise ValueError(f"{share_in_need.max():.2f} is more than {reached[-1]:.2f}, the share of these ages")
    scale = np.interp(share_in_need, reached, scales)
    return np.minimum((relative[..., None] if share_in_need.ndim else relative) * scale, 1)


def rising_within(values: ArrayLike, band: ArrayLike, ages: ArrayLike, population: ArrayLike) -> FloatArray:
    """Let a prevalence published by wide bands rise inside them as it does from band to band, (groups, sexes).

    It rises by :func:`age_gradient` of the bands, at the mean ages of their people; the mean of each band and sex in
    the population stays as published.

    Parameters
    ----------
    values : array (groups, sexes), prevalence of the band that each group lies in
    band : array (groups,), number of that band, from 0
    ages : array (groups,), middle of each age group, years
    population : array (groups, sexes), persons

    Examples
    --------
    >>> rising_within([[0.1], [0.1], [0.2], [0.2]], [0, 0, 1, 1], [62, 67, 72, 77], np.ones((4, 1))).round(3).ravel()
    array([0.083, 0.117, 0.166, 0.234])
    """
    published, middles, persons = floats(values), floats(ages), floats(population)
    inside = floats(band)[None, :] == np.unique(band)[:, None]
    people = inside @ persons
    mean_ages = inside @ (persons.sum(axis=1) * middles) / people.sum(axis=1)
    gradient = age_gradient(inside @ (persons * published) / people, mean_ages, people)
    rise = np.exp(gradient * middles[:, None])
    return published * rise / ((inside @ (persons * rise) / people)[inside.argmax(axis=0)])


def care_need(population: ArrayLike, prevalence: ArrayLike, factor: ArrayLike = 1.0) -> FloatArray:
    """Return elders in care need, array (...) or (..., draws): sum over age and sex of population x prevalence.

    Parameters
    ----------
    population : array (..., groups, sexes) or (..., groups, sexes, draws), persons
    prevalence : array (groups, sexes) or (groups, sexes, draws); it carries draws exactly if the population does
    factor : number or array (..., sexes) or (..., sexes, draws), change of prevalence at every age since the launch
        year

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
    if not (floats(pattern) > 0).all():
        raise ValueError("the pattern must be positive")
    logs, middles = np.log(floats(pattern)), floats(ages)
    weights = floats(population) / floats(population).sum(axis=0)
    centred = middles[:, None] - weights.T @ middles
    return (weights * centred * logs).sum(axis=0) / (weights * centred**2).sum(axis=0)


def prevalence_by_states(prevalence: ArrayLike, rates: ArrayLike, ratio: ArrayLike) -> FloatArray:
    """Return prevalence by year if able people become dependent and both die at their own rates, (years, ages, ...).

    Of the able so many become dependent at each age that the prevalence of the first year stays for ever at its death
    rates; nobody recovers, and the first age keeps its prevalence. The deaths of both add to those of the life table.

    Parameters
    ----------
    prevalence : array (ages, sexes, draws) of the first year by single age, below 1
    rates : array (years, ages, sexes, draws), death rates
    ratio : number or array (draws,), death rate of the dependent over that of the able
    """
    start, death_rates, excess = floats(prevalence), floats(rates), floats(ratio) - 1

    def kept(share: FloatArray, mx: FloatArray) -> FloatArray:
        return (share / (1 - share) * np.exp(-excess * mx / (1 + excess * share)))[:-1]

    path, after = [start], (start / (1 - start))[1:]
    fallen = np.maximum(after - kept(start, death_rates[0]), 0.0) / (1 + after)
    for mx in death_rates[1:]:
        odds = (kept(path[-1], mx) + fallen) / (1 - fallen)
        path.append(np.concatenate([path[0][:1], odds / (1 + odds)]))
    return np.stack(path)
