"""Care: need, beds, meals and the split of city totals, as pure functions of plain arrays."""

from eldercare.care.allocation import allocate
from eldercare.care.beds import beds_per_1000, build_to_norm, demand_by_need, demand_by_ratio
from eldercare.care.meals import break_even_uptake, catchment_radius, meals_demand, meals_supply
from eldercare.care.need import care_need, prevalence_by_age
from eldercare.care.reconciliation import implied_count, implied_interval, intervals_overlap

__all__ = [
    "allocate",
    "beds_per_1000",
    "break_even_uptake",
    "build_to_norm",
    "care_need",
    "catchment_radius",
    "demand_by_need",
    "demand_by_ratio",
    "implied_count",
    "implied_interval",
    "intervals_overlap",
    "meals_demand",
    "meals_supply",
    "prevalence_by_age",
]
