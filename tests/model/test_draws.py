"""Draws: quantiles as stated, nothing outside the bounds, streams that do not disturb each other."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import truncnorm

from eldercare.model.draws import Z80, at_scores, draw, generator, quantile_error, within_bounds


def sample(**changes):
    arguments = {"key": "x", "seed": 1, "stream": 330521, "shared_variance": 0.7, "size": 20_000} | changes
    value, interval, bounds = (
        arguments.pop("value", 0.2),
        arguments.pop("interval", (0.1, 0.4)),
        arguments.pop("bounds", (-9, 9)),
    )
    return draw(value, interval, bounds, **arguments)


def test_median_and_interval_are_those_of_the_parameter():
    np.testing.assert_allclose(np.quantile(sample(), [0.1, 0.5, 0.9]), [0.1, 0.2, 0.4], atol=0.01)


def test_draws_are_cut_at_the_bounds_not_piled_up_there():
    drawn = sample(bounds=(0.05, 0.5))
    assert drawn.min() > 0.05 and drawn.max() < 0.5
    assert np.sum(drawn == drawn.max()) == 1


def test_a_parameter_without_interval_is_a_constant():
    assert (sample(interval=None) == 0.2).all()


def test_the_same_seed_gives_the_same_draws_and_another_seed_does_not():
    assert np.array_equal(sample(), sample())
    assert not np.array_equal(sample(), sample(seed=2))


def test_counties_share_the_stated_part_of_the_variance():
    scores = [sample(interval=(-1, 1), value=0, stream=stream) for stream in (330502, 330521)]
    assert np.corrcoef(scores)[0, 1] == pytest.approx(0.7, abs=0.02)


def test_scores_fall_evenly_into_strata_and_rows_do_not_hang_together():
    scores = generator(1, 330521, "x").standard_normal((40, 500))
    # One score in each stratum of equal probability, in every row.
    ranks = np.floor(ndtr(scores) * 500).astype(int)
    np.testing.assert_array_equal(np.sort(ranks, axis=1), np.broadcast_to(np.arange(500), (40, 500)))
    between = np.corrcoef(scores)[np.triu_indices(40, 1)]
    assert np.abs(between).mean() == pytest.approx(np.sqrt(2 / np.pi / 500), rel=0.1)


def test_the_mean_of_a_sum_of_parameters_is_surer_than_from_plain_draws():
    def mean(seed: int) -> float:
        return sum(sample(key=key, seed=seed, interval=(-1, 1), value=0, size=500) for key in "abcde").mean()

    plain = np.sqrt(5 / 500) / Z80
    assert np.std([mean(seed) for seed in range(30)]) < plain / 20


def test_both_life_expectancies_move_together():
    female = sample(key="mortality.e0_female", interval=(-1, 1), value=0)
    male = sample(key="mortality.e0_male", interval=(-1, 1), value=0)
    assert np.array_equal(female, male)


def test_an_interval_outside_the_bounds_is_refused():
    with pytest.raises(ValueError, match="outside the bounds"):
        sample(bounds=(5, 6), size=50)


def test_the_error_of_the_median_of_a_normal_sample_is_the_textbook_one():
    errors = [quantile_error(np.random.default_rng(s).standard_normal(2_000), 0.5) for s in range(40)]
    assert np.mean(errors) == pytest.approx(np.sqrt(np.pi / 2 / 2_000), rel=0.1)


def test_scores_within_bounds_are_those_of_a_normal_cut_at_the_bounds():
    # Both sides of the interval are alike, so that the book's truncated normal holds.
    value, low, high, bounds = 0.2, 0.1, 0.3, (0.05, 0.26)
    spread = (high - value) / Z80
    levels = np.linspace(0.001, 0.999, 41)
    cut = truncnorm((bounds[0] - value) / spread, (bounds[1] - value) / spread, loc=value, scale=spread)
    scores = truncnorm(-40, 40).ppf(levels)
    moved = at_scores(value, (low, high), within_bounds(scores, value, (low, high), bounds))
    np.testing.assert_allclose(moved, cut.ppf(levels), rtol=1e-9)


def test_the_error_of_a_quantile_of_few_draws_stays_within_them():
    assert quantile_error(np.array([3.0, 1.0]), 0.5) == pytest.approx(1.0)
    assert quantile_error(np.array([5.0]), 0.5) == 0.0
