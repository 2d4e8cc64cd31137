"""Naive twins of what the package computes fast: lists and loops, one number at a time, slow enough to believe."""

from __future__ import annotations

import numpy as np


def survival_ratios(Lx, radix=1.0, width=1):
    """Ratios at the arrival age from person-years of equal groups: Preston, Heuveline & Guillot (2001), ch. 6."""
    ratios = [Lx[0] / (width * radix)] + [Lx[x] / Lx[x - 1] for x in range(1, len(Lx))]
    ratios[-1] = Lx[-1] / (Lx[-2] + Lx[-1])
    return np.array(ratios)


def step(population, survival, asfr, srb, migration, width=1):
    """The textbook step, one person group at a time: population (age, sex), births (sex,), deaths (age, sex)."""
    groups, sexes = len(population), len(population[0])
    after = [[0.0] * sexes for _ in range(groups)]
    deaths = [[0.0] * sexes for _ in range(groups)]
    for sex in range(sexes):
        for age in range(1, groups):
            exposed = population[age - 1][sex]
            if age == groups - 1:
                exposed += population[age][sex]
            after[age][sex] = exposed * survival[age][sex]
            deaths[age][sex] = exposed * (1 - survival[age][sex])
    children = 0.0
    for age in range(1, groups):
        children += width * asfr[age] * (population[age][0] + after[age][0]) / 2
    births = [children / (1 + srb), children * srb / (1 + srb)][:sexes]
    for sex in range(sexes):
        after[0][sex] = births[sex] * survival[0][sex]
        deaths[0][sex] = births[sex] * (1 - survival[0][sex])
    for age in range(groups):
        for sex in range(sexes):
            after[age][sex] += migration[age][sex]
    return after, births, deaths


def project(population, steps, width=1):
    """Step after step: `steps` holds survival, asfr, srb and migration of each; returns the arrays with time first."""
    populations, births, deaths = [np.asarray(population, dtype=float)], [], []
    for survival, asfr, srb, migration in steps:
        made = step(populations[-1], survival, asfr, srb, migration, width)
        for kept, part in zip((populations, births, deaths), made, strict=True):
            kept.append(np.array(part))
    return np.array(populations), np.array(births), np.array(deaths)
