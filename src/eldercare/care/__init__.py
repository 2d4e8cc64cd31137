"""Care: need, beds, meals and the split of city totals, as pure functions of plain arrays.

Arrays that differ by draw have the draws last. Numbers out of their range raise ValueError where docstrings say so.
"""

from eldercare.care.allocation import allocate
from eldercare.care.beds import beds_per_1000, build_to_norm, demand_by_need, demand_by_ratio
from eldercare.care.coverage import best_sites, covered_share, great_circle
from eldercare.care.crossing import crossing_years, probability_crossed, year_quantile
from eldercare.care.equity import gini
from eldercare.care.erlang import erlang_b, full_enough, smallest_home
from eldercare.care.meals import catchment_radius, meals_demand, meals_supply, points_plan
from eldercare.care.need import age_gradient, care_need, prevalence_by_age, shares_by_setting, shift_factor
from eldercare.care.pace import add_per_year, pace_by_year
from eldercare.care.queue import Queue, applicants, stock_and_flow
from eldercare.care.reconciliation import implied_count, intervals_overlap
from eldercare.care.state import gap_state
from eldercare.care.waterfall import INTERACTION, waterfall
from eldercare.care.workforce import care_workers

__all__ = [
    "INTERACTION",
    "Queue",
    "add_per_year",
    "age_gradient",
    "allocate",
    "applicants",
    "beds_per_1000",
    "best_sites",
    "build_to_norm",
    "care_need",
    "care_workers",
    "catchment_radius",
    "covered_share",
    "crossing_years",
    "demand_by_need",
    "demand_by_ratio",
    "erlang_b",
    "full_enough",
    "gap_state",
    "gini",
    "great_circle",
    "implied_count",
    "intervals_overlap",
    "meals_demand",
    "meals_supply",
    "pace_by_year",
    "points_plan",
    "prevalence_by_age",
    "probability_crossed",
    "shares_by_setting",
    "shift_factor",
    "smallest_home",
    "stock_and_flow",
    "waterfall",
    "year_quantile",
]
