"""Population: life tables, mortality levels, base population, migration, fertility and the cohort step.

Pure calculation on arrays, age on the first axis. See each module for shapes, units and sources.
"""

from eldercare.population.base import (
    cohort_weights,
    graduate,
    iterative_proportional_fitting,
    shares_to_counts,
    split_by_sex,
)
from eldercare.population.fertility import asfr_from_tfr
from eldercare.population.life_table import LifeTable, life_table, survival_from_mx, survival_ratios
from eldercare.population.migration import RogersCastro, net_migration_residual, rogers_castro
from eldercare.population.mortality import (
    alpha_for_e0,
    brass_shift,
    graduate_mx,
    improve,
    level_to_e0,
    life_expectancy,
    shift_level,
)
from eldercare.population.projection import SEXES, Projection, Step, iterate, project, step
from eldercare.population.registered import (
    Registered,
    age_factor,
    fit_age_factor,
    registered_from_resident,
    survive_back,
    survivorship_weights,
)

__all__ = [
    "SEXES",
    "LifeTable",
    "Projection",
    "Registered",
    "RogersCastro",
    "Step",
    "age_factor",
    "alpha_for_e0",
    "asfr_from_tfr",
    "brass_shift",
    "cohort_weights",
    "fit_age_factor",
    "graduate",
    "graduate_mx",
    "improve",
    "iterate",
    "iterative_proportional_fitting",
    "level_to_e0",
    "life_expectancy",
    "life_table",
    "net_migration_residual",
    "project",
    "registered_from_resident",
    "rogers_castro",
    "shares_to_counts",
    "shift_level",
    "split_by_sex",
    "step",
    "survival_from_mx",
    "survival_ratios",
    "survive_back",
    "survivorship_weights",
]
