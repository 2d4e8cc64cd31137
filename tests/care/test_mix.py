"""The cheapest mix: equal to trying everything, never less for more, and with prices that are what one more costs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from eldercare.care.mix import Mix, cheapest, joint_quantile, spent

pytestmark = pytest.mark.study

CASES = 100


def small(seed: int, counties: int = 1) -> Mix:
    """Return a case that can be enumerated: two kinds, two needs of which the second takes both kinds, two years."""
    draw = np.random.default_rng(seed)
    provides = draw.uniform(0.6, 1.4, (counties, 2, 2))
    provides[:, 0, 1] = 0.0
    missing = draw.uniform(-1.0, 2.2, (counties, 2, 2))
    opening, running = draw.uniform(0.5, 4, (counties, 2)), draw.uniform(0.1, 2, (counties, 2))
    need = np.maximum(missing, 0) + draw.uniform(0.5, 3, missing.shape)
    most = draw.integers(2, 4, (counties, 2)).astype(float)
    return Mix(provides, missing, need, opening * 1e6, running * 1e6, np.array([1.0, 0.9]), most)


def enumerated(mix: Mix, budget: float | None) -> tuple[float, float] | None:
    """Return service and present value of the best of all plans there are, None where none meets what is missing."""
    counties, kinds = mix.most.shape
    paths = [[(a, b) for b in range(int(most) + 1) for a in range(b + 1)] for most in mix.most.ravel()]
    best = None
    for plan in product(*paths):
        units = np.array(plan, dtype=float).reshape(counties, kinds, 2)
        missing, places = np.maximum(mix.missing, 0), np.einsum("crk,ckt->crt", mix.provides, units)
        served = np.minimum(missing, places)
        yuan = spent(mix.opening, mix.running, units)
        if (served < missing - 1e-9).any() if budget is None else (yuan.sum(axis=(0, 1)) > budget + 1e-3).any():
            continue
        shares = (mix.need - missing + served).sum(axis=0) / mix.need.sum(axis=0)
        key = (round(shares.mean(), 9), -float((yuan * mix.worth).sum()))
        best = key if best is None else max(best, key)
    return best and (best[0], -best[1])


@pytest.mark.parametrize("counties", [1, 2])
def test_it_is_the_best_of_all_plans_there_are(counties):
    met, limited = 0, 0
    for seed in range(CASES if counties == 1 else 12):
        mix = small(seed, counties)
        for budget in (None, 4e6 * counties):
            expected = enumerated(mix, budget)
            if expected is None:
                with pytest.raises(ValueError, match="no plan"):
                    cheapest(mix, budget=budget)
                continue
            found = cheapest(mix, budget=budget, near=1e-6)
            assert (found.service, found.cost) == pytest.approx(expected, rel=2e-5, abs=1e-6), (seed, budget)
            assert (found.units == np.round(found.units)).all() and (np.diff(found.units, axis=2) >= 0).all()
            met, limited = met + (budget is None), limited + (budget is not None and found.service < 1 - 1e-6)
    assert met > 5 and limited > 5


def test_more_budget_never_meets_less_and_stays_within():
    for seed in range(10):
        mix, before = small(seed, 3), 0.0
        for budget in np.linspace(0, 20e6, 9):
            found = cheapest(mix, budget=budget, near=1e-6)
            assert found.service >= before - 1e-5
            assert spent(mix.opening, mix.running, found.units).sum(axis=(0, 1)).max() <= budget + 1e-3
            before = found.service
        assert before > cheapest(mix, budget=0.0).service


def test_a_plan_for_more_need_never_costs_less_and_whole_units_not_less_than_parts_of_them():
    for seed in range(10):
        mix = replace(small(seed, 2), most=np.full((2, 2), np.inf))
        costs = []
        for more in np.linspace(-0.5, 1, 6):
            harder = replace(mix, missing=mix.missing + more, need=mix.need + more + 1)
            costs.append(cheapest(harder).cost)
            assert costs[-1] >= cheapest(harder, whole=False).cost * (1 - 1e-5)
        assert (np.diff(costs) >= -1e-5 * costs[-1]).all() and costs[-1] > costs[0]


def test_counties_without_a_rule_between_them_add():
    one = replace(small(3, 3), most=np.full((3, 2), np.inf))
    parts = [replace(one, **{name: getattr(one, name)[c : c + 1] for name in PER_COUNTY}) for c in range(3)]
    assert cheapest(one).cost == pytest.approx(sum(cheapest(part).cost for part in parts), rel=2e-5)


PER_COUNTY = ("provides", "missing", "need", "opening", "running", "most")


def test_no_county_stays_further_behind_the_city_than_allowed():
    # The second county is twice as dear: without the rule the budget goes to the first.
    ones = np.ones((2, 1, 1))
    mix = Mix(
        ones, 10 * ones, 20 * ones, np.zeros((2, 1)), np.array([[1e6], [2e6]]), np.ones(1), np.full((2, 1), np.inf)
    )
    assert cheapest(mix, budget=10e6).units.ravel().tolist() == [10, 0]
    fair = cheapest(replace(mix, apart=0.1), budget=10e6)
    shares = (10 + fair.served[:, 0, 0]) / 20
    assert shares.mean() - shares.min() <= 0.1 + 1e-9 and fair.units.ravel().tolist() == [6, 2]
    with pytest.raises(ValueError, match="no plan"):
        cheapest(replace(mix, missing=mix.missing * np.array([[[1.0]], [[2.0]]]), apart=0.1), budget=0.0)


def test_a_price_is_what_one_more_place_or_yuan_changes():
    mix = replace(small(5, 2), most=np.full((2, 2), np.inf))
    found = cheapest(mix, whole=False)
    c, r, t = np.unravel_index(found.place_prices.argmax(), found.place_prices.shape)
    more = mix.missing.copy()
    more[c, r, t] += 1e-3
    assert (cheapest(replace(mix, missing=more), whole=False).cost - found.cost) / 1e-3 == pytest.approx(
        found.place_prices[c, r, t], rel=1e-3
    )
    poor, richer = (cheapest(mix, budget=budget, whole=False) for budget in (3e6, 3.001e6))
    assert (richer.service - poor.service) / 1e3 == pytest.approx(poor.yuan_prices.sum(), rel=1e-2)


def test_the_joint_quantile_holds_all_rows_in_as_many_draws_as_asked():
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3, 4, 200)) + draw.normal(size=(1, 4, 200))
    for chance in (0.5, 0.8, 0.995):
        levels = joint_quantile(values, chance)
        held = (values <= levels[..., None]).all(axis=0).mean(axis=-1)
        assert (held >= chance).all() and (held < chance + 0.02).all()
