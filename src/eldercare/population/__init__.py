"""Population: life tables, mortality levels, base population, migration, fertility and the cohort step.

Pure calculation on arrays, age on the first axis, single ages from 0 with the last one open unless said otherwise.
Every function that is not said to check nothing raises ValueError for shapes that do not fit and for numbers that are
not finite or out of their range; docstrings name what else is refused.
"""

from eldercare.population.base import cohort_weights, graduate, iterative_proportional_fitting
from eldercare.population.fertility import fertility_pattern
from eldercare.population.lee_carter import (
    IndexForecast,
    LeeCarter,
    draw_index,
    estimate_walk,
    fill_rates,
    fit,
    random_walk,
    single_year_bx,
)
from eldercare.population.life_table import (
    HIGHEST_MX,
    LifeTable,
    expectation_from_survival,
    fill_survival,
    life_table,
    survival_from_mx,
)
from eldercare.population.migration import RogersCastro, net_migration_residual, rogers_castro
from eldercare.population.mortality import brass_shift, graduate_mx, level_to_e0, life_expectancy, shift_level
from eldercare.population.old_age import close_out, old_age_factor
from eldercare.population.projection import SEXES, Step, advance
from eldercare.population.registered import age_factor, fit_age_factor, survive_back, survivorship_weights

__all__ = [
    "HIGHEST_MX",
    "SEXES",
    "IndexForecast",
    "LeeCarter",
    "LifeTable",
    "RogersCastro",
    "Step",
    "advance",
    "age_factor",
    "fertility_pattern",
    "brass_shift",
    "close_out",
    "cohort_weights",
    "draw_index",
    "estimate_walk",
    "expectation_from_survival",
    "fill_rates",
    "fill_survival",
    "fit",
    "fit_age_factor",
    "graduate",
    "graduate_mx",
    "iterative_proportional_fitting",
    "level_to_e0",
    "life_expectancy",
    "life_table",
    "net_migration_residual",
    "old_age_factor",
    "random_walk",
    "rogers_castro",
    "shift_level",
    "single_year_bx",
    "survival_from_mx",
    "survive_back",
    "survivorship_weights",
]
