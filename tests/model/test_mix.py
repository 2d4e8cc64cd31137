"""The problem of the cheapest mix: what is missing by the draws, costs that add, other draws as proof."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.care.mix import cheapest, spent
from eldercare.model import Run
from eldercare.model.mix import KINDS, NEEDS, area_mix

pytestmark = pytest.mark.study

MANY = {"run.draws": 400}


@pytest.fixture(scope="module")
def county(project):
    return area_mix(Run("deqing", overrides=MANY, project=project))


def test_costs_add_over_areas_services_and_payers(city):
    whole = area_mix(city)
    units = cheapest(whole.mix, whole=False).units
    costs = whole.costs(units)
    services, payers = ({key[place] for key in costs} for place in (0, 2))
    assert {"institution", "home_care_centre", "home_care", "meals", "training"} <= services
    assert {"county", "province", "family", "operator"} <= payers
    yuan = spent(whole.mix.opening, whole.mix.running, units)
    np.testing.assert_allclose(sum(costs.values()), yuan, rtol=1e-9)
    by_county = [cheapest(area_mix(Run(name, overrides={"run.draws": 60}, project=city.project)).mix, whole=False).cost
                 for name in whole.counties]  # fmt: skip
    assert sum(by_county) == pytest.approx((yuan.sum(axis=(0, 1)) * whole.mix.worth).sum(), rel=1e-6)


def test_care_is_there_in_as_many_draws_as_asked_and_nearly_so_in_other_draws(project, county):
    units = cheapest(county.mix).units
    full = county.years >= county.full_year
    held = county.chances(units)[:, full]
    assert (held >= 0.8).all() and (held < 0.82).all()
    other = area_mix(Run("deqing", overrides=MANY | {"run.seed": 7}, project=project))
    assert not np.array_equal(other.lacking, county.lacking)
    assert other.chances(units)[:, full].min() > 0.74
    # With less than the plan it does not hold, so that the chance is not had for nothing.
    assert county.chances(units * 0.97)[:, full].min() < 0.8


def test_a_stricter_target_never_costs_less_and_a_looser_one_between_counties_never_more(project, city):
    run = Run("deqing", overrides=MANY, project=project)
    costs = [cheapest(area_mix(run, chance).mix).cost for chance in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)]
    assert (np.diff(costs) > 0).all()
    limit = spent(
        *(getattr(area_mix(city).mix, name) for name in ("opening", "running")), cheapest(area_mix(city).mix).units
    )
    budget = limit.sum(axis=(0, 1)).max() * 0.3
    met = [cheapest(area_mix(city, apart=apart).mix, budget, whole=False).service for apart in (0.03, 0.06, 0.1, 1.0)]
    assert (np.diff(met) >= -1e-7).all() and met[-1] < 1


def test_a_plan_has_the_staff_it_asks_for_and_converts_no_more_than_there_is(county):
    units = cheapest(county.mix).units
    staff = np.einsum("ck,ckt->ct", county.mix.provides[:, NEEDS.index("staff")], units)
    assert (staff >= -1e-6).all() and units[:, KINDS.index("care_workers")].max() > 0
    assert (units <= county.mix.most[..., None]).all() and np.isfinite(county.mix.most[:, KINDS.index("nursing")]).all()


def test_where_no_ordinary_bed_is_left_to_convert_institutions_are_built(project):
    run = Run("deqing", overrides={"run.draws": 60, "supply.institution_beds": 1}, project=project)
    units = cheapest(area_mix(run).mix).units
    assert units[0, KINDS.index("institution"), -1] > 100 and units[0, KINDS.index("nursing"), -1] <= 1
