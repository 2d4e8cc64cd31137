"""Lee-Carter: recovery, the variance of the index, paths, single-year b, and sexes that stay in order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eldercare.population import SEXES
from eldercare.population.lee_carter import draw_index, estimate_walk, fill_rates, fit, random_walk, single_year_bx
from eldercare.population.mortality import life_expectancy

AGES = np.arange(101)
GROUPS = np.concatenate([[0, 1], np.arange(5, 101, 5)])
GOMPERTZ = np.stack([-9.9 + 0.095 * AGES, -9.3 + 0.092 * AGES], axis=1)
B = np.linspace(3.0, 1.0, len(GROUPS)) / np.linspace(3.0, 1.0, len(GROUPS)).sum()
INDEX = np.array([8.1, 5.7, 3.1, 0.2, -3.0, -6.2, -7.9])
FIVE_YEARS = 1992 + 5 * np.arange(7)


def synthetic(noise=0.0):
    k = INDEX - INDEX.mean()
    rng = np.random.default_rng(3)
    a = GOMPERTZ[GROUPS]
    return k, a + (k[:, None] * B)[..., None] + noise * rng.standard_normal((7, *a.shape))


def test_fit_recovers_a_b_and_k_of_both_sexes():
    k, log_rates = synthetic()
    found_b, found_k = fit(log_rates)
    np.testing.assert_allclose(found_b, B, atol=1e-12)
    np.testing.assert_allclose(found_k, k, atol=1e-11)


def test_fit_with_noise_keeps_its_normalisation_and_explains_most_of_the_variation():
    k, log_rates = synthetic(noise=0.05)
    found_b, found_k = fit(log_rates)
    assert found_b.sum() == pytest.approx(1, abs=1e-12)
    assert found_k.sum() == pytest.approx(0, abs=1e-11)
    centred = log_rates - log_rates.mean(axis=0)
    residual = centred - (found_k[:, None] * found_b)[..., None]
    assert (residual**2).sum() < 0.2 * (centred**2).sum()
    np.testing.assert_allclose(found_k, k, atol=1.0)


def test_no_other_common_index_fits_both_sexes_better():
    log_rates = synthetic(noise=0.05)[1]
    found_b, found_k = fit(log_rates)
    rng = np.random.default_rng(4)

    def squares(b, k):
        return ((log_rates - log_rates.mean(axis=0) - (k[:, None] * b)[..., None]) ** 2).sum()

    best = squares(found_b, found_k)
    for _ in range(20):
        b = found_b + 1e-3 * rng.standard_normal(len(B))
        k = found_k + 1e-2 * rng.standard_normal(7)
        assert squares(b, k) > best


def test_one_sex_is_the_same_as_two_equal_sexes():
    log_rates = synthetic(noise=0.05)[1][:, :, 0]
    alone, twice = fit(log_rates), fit(np.stack([log_rates, log_rates], axis=-1))
    np.testing.assert_allclose(alone[0], twice[0], atol=1e-13)
    np.testing.assert_allclose(alone[1], twice[1], atol=1e-11)


def ahead_of(k, years, times=None):
    """The change of an index as the model forecasts it: the walk's parameters estimated, then carried on."""
    drift, sigma, span = estimate_walk(k, np.arange(len(k)) if times is None else times)
    return random_walk(drift, sigma, np.arange(1, years + 1), span)


@pytest.mark.parametrize("n", [3, 6, 20])
def test_variance_of_the_index_has_the_error_of_the_drift(n):
    k = np.cumsum(np.random.default_rng(n).normal(-1.0, 0.7, n + 1))
    changes, h, forecast = np.diff(k), np.arange(1, 41), ahead_of(k, 40)
    np.testing.assert_allclose(forecast.variance, changes.var(ddof=1) * (h + h**2 / n), rtol=1e-10)
    np.testing.assert_allclose(forecast.mean, h * changes.mean(), rtol=1e-10)
    assert forecast.drift_se == pytest.approx(changes.std(ddof=1) / np.sqrt(n))


@pytest.mark.parametrize(
    "times", [FIVE_YEARS[:5], [1990, 1992, 1997, 1998, 2005], [2000, 2001, 2002, 2003, 2004]], ids=str
)
def test_the_forecast_is_that_of_a_random_walk_with_drift_in_state_space_form(times):
    """statsmodels with exact diffuse start, years between observations missing; its drift is a state with an error."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    k, position = INDEX[:5], np.asarray(times) - times[0]
    yearly = np.full(position[-1] + 1, np.nan)
    yearly[position] = k
    model = UnobservedComponents(yearly, level="rwdrift", use_exact_diffuse=True)
    ours = ahead_of(k, 30, times)
    theirs = model.filter([ours.sigma**2]).get_forecast(30)
    np.testing.assert_allclose(k[-1] + ours.mean, theirs.predicted_mean, rtol=1e-10)
    np.testing.assert_allclose(ours.variance, theirs.se_mean**2, rtol=1e-10)
    # sigma is the maximum of the likelihood, known in closed form, that the library searches.
    assert model.fit(disp=False).params[0] == pytest.approx(ours.sigma**2, rel=1e-3)


def test_arima_with_a_trend_is_narrower_because_it_takes_the_drift_as_known():
    from statsmodels.tsa.arima.model import ARIMA

    k = np.cumsum(np.random.default_rng(8).normal(-1.0, 0.7, 61))
    trap = ARIMA(k, order=(0, 1, 0), trend="t").fit().get_forecast(20).se_mean[-1]
    sd = np.sqrt(ahead_of(k, 20).variance[-1])
    # Same sigma up to the degrees of freedom; what is missing is sqrt(1 + h/n).
    assert trap / sd == pytest.approx(np.sqrt(59 / 60) / np.sqrt(1 + 20 / 60), rel=0.01)
    assert trap < 0.88 * sd


def test_draws_have_the_mean_and_variance_of_the_forecast():
    forecast, draws = ahead_of(INDEX, 30, FIVE_YEARS), 40_000
    paths = draw_index(forecast, draws, np.random.default_rng(11))
    assert paths.shape == (30, draws)
    # Four standard errors of a mean and of a variance.
    assert (np.abs(paths.mean(axis=1) - forecast.mean) < 4 * np.sqrt(forecast.variance / draws)).all()
    assert (np.abs(paths.var(axis=1) / forecast.variance - 1) < 4 * np.sqrt(2 / draws)).all()


def test_drift_is_drawn_once_per_path():
    forecast = random_walk(-0.5, 1e-9, np.arange(1, 21), span=1e-18)
    paths = draw_index(forecast, 50, np.random.default_rng(1))
    slopes = np.diff(paths, axis=0)
    np.testing.assert_allclose(slopes, slopes[:1].repeat(19, axis=0), atol=1e-6)
    assert slopes[0].std() > 0.5


def test_same_seed_same_paths():
    forecast = ahead_of(INDEX, 5)
    first, second = (draw_index(forecast, 10, np.random.default_rng(5)) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def responses(least):
    """b of every group to nine decimals: the slopes of PCHIP overflow where one is of order 1e-308."""
    return st.lists(st.floats(least, 0.2).map(lambda b: round(b, 9)), min_size=len(GROUPS), max_size=len(GROUPS))


@settings(max_examples=50)
@given(responses(-0.05))
def test_single_year_b_keeps_the_mean_of_every_group(b):
    single = single_year_bx(b, GROUPS)
    assert single.shape == (101,)
    for i, start in enumerate(GROUPS):
        end = GROUPS[i + 1] if i + 1 < len(GROUPS) else 101
        assert single[start:end].mean() == pytest.approx(b[i], abs=1e-12)


@settings(max_examples=50)
@given(responses(0))
def test_single_year_b_is_nowhere_negative_when_no_group_is(b):
    assert single_year_bx(b, GROUPS).min() >= -1e-12


def test_sexes_neither_cross_nor_drift_apart():
    forecast, local = ahead_of(INDEX, 40, FIVE_YEARS), np.exp(GOMPERTZ)
    change = draw_index(forecast, 300, np.random.default_rng(6))
    room = (np.empty((101, 2, 300)) for _ in range(2))
    future = fill_rates(local[..., None], single_year_bx(B, GROUPS), change[-1], *room)
    np.testing.assert_allclose(future[:, 1] / future[:, 0], (local[:, 1] / local[:, 0])[:, None].repeat(300, axis=1))
    gap_now = np.subtract(*life_expectancy(local, SEXES))
    gaps = np.subtract(*life_expectancy(future, SEXES))
    assert (gaps > 0).all()
    assert (np.abs(gaps - gap_now) < 0.5 * gap_now).all()


@pytest.mark.parametrize("change", [0.0, -2.0])
def test_rates_after_a_change_are_the_local_ones_times_exp_of_b_and_change(change):
    b, local = single_year_bx(B, GROUPS), np.exp(GOMPERTZ)[..., None]
    after = fill_rates(local, b, change, np.empty_like(local), np.empty_like(local))
    np.testing.assert_allclose(after[..., 0], np.exp(GOMPERTZ + (b * change)[:, None]))
