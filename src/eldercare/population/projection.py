"""The cohort-component step, for any age width, one or two sexes and any number of draws.

Conventions
-----------
- Age is the first axis, sex the second (females 0, males 1), draws last and contiguous: (age, sex, *draws).
- Every age group has the same width, the last one is open; one step is one width of time.
- Survival ratios stand at the age of ARRIVAL: S_0 is births to the first group, S_x from x-1 to x, and S_open
  applies to the last two groups together.
- Migrants are net and are added at the end of the interval; they neither die nor give birth within it.
- Deaths stand at the age the people would have reached at the end of the interval; those of newborns at 0.
- P1 = P0 + B - D + M in every sex and draw, to rounding. Nothing is clamped: net out-migration larger than
  the people there leaves a negative count, which is the caller's to see and redraw.
"""

from typing import NamedTuple, Self

import numpy as np


class Step(NamedTuple):
    """Result of one step.

    Attributes
    ----------
    population : array (age, sex, *draws), persons at the end of the interval
    births : array (sex, *draws), births of the interval (one sex: girls only)
    deaths : array (age, sex, *draws), deaths of the interval by age at its end
    """

    population: np.ndarray
    births: np.ndarray
    deaths: np.ndarray

    @classmethod
    def like(cls, population: np.ndarray) -> Self:
        """Return room for the step after a population."""
        return cls(np.empty_like(population), np.empty_like(population[0]), np.empty_like(population))


def advance(
    population: np.ndarray,
    survival: np.ndarray,
    fertility: np.ndarray,
    tfr: float | np.ndarray,
    srb: float,
    migrants: np.ndarray,
    out: Step,
    width: float = 1.0,
) -> None:
    """Write the population one age width later into `out`; nothing is checked here.

    e_x = P_{x-1} S_x, open e = (P_{open-1} + P_open) S_open; B = width TFR sum f_x (P_x + e_x) / 2 over women;
    girls B / (1 + SRB), boys B SRB / (1 + SRB); e_0 = B_sex S_0; then net migrants are added. Deaths are (1 - S)
    times those exposed, newborns included. Preston, Heuveline & Guillot (2001), Demography, ch. 6 (boxes 6.1 and 6.2).

    Parameters
    ----------
    population : array (age, sex, *draws), persons at the start; one sex: females alone, only girls are kept
    survival : array (age, sex) or (age, sex, *draws), with as many axes as `population`
    fertility : array (age,), births per woman and year at a total fertility rate of 1; 0 in the first group
    tfr : number or array (*draws), total fertility rate, children per woman
    srb : boys per girl at birth
    migrants : array that broadcasts to `population`, persons by age at the end of the interval
    out : arrays to write into; they must not share memory with `population`
    width : years of an age group and of the step

    Examples
    --------
    >>> women = np.array([[100.0], [100.0], [50.0]])
    >>> after = Step.like(women)
    >>> advance(women, np.array([[0.98], [0.9], [0.4]]), np.array([0, 1.0, 0]), 0.5, 1.0, np.zeros((1, 1)), after)
    >>> after.population[:, 0], float(after.births[0])
    (array([23.275, 90.   , 60.   ]), 23.75)
    """
    after, births, deaths = out
    np.multiply(population[:-2], survival[1:-1], out=after[1:-1])
    np.subtract(population[:-2], after[1:-1], out=deaths[1:-1])
    # Those exposed to the open group first, so that its deaths are an exact difference too.
    np.add(population[-2], population[-1], out=deaths[-1])
    np.multiply(deaths[-1], survival[-1], out=after[-1])
    deaths[-1] -= after[-1]
    fertile = np.flatnonzero(fertility)
    ages = slice(fertile[0], fertile[-1] + 1)
    born, later = (np.einsum("a,a...->...", fertility[ages], women[ages, 0]) for women in (population, after))
    births[0] = (born + later) * (tfr * width / 2) / (1 + srb)
    births[1:] = births[0] * srb
    np.multiply(births, survival[0], out=after[0])
    np.subtract(births, after[0], out=deaths[0])
    after += migrants
