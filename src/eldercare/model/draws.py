"""Draws of uncertain parameters: two-piece normal from an 80% interval, shared and local factors."""

import zlib
from collections.abc import Iterable, Mapping
from functools import reduce

import numpy as np
from scipy.special import ndtr, ndtri

from eldercare.inputs import Settings

# Half the width of an 80% interval of the standard normal distribution.
Z80 = 1.2815515655446004
# Parameters that express one uncertainty and therefore move together.
FACTORS = {"mortality.e0_male": "mortality.level", "mortality.e0_female": "mortality.level"}
# Parameters by which counties differ, of whose variance they have nothing in common.
LOCAL = {"allocation.spread", "mortality.county_level", "migration.elders_factor"}
SHARED = 0
# The ends and the middle of the interval that is shown: 80% of the draws lie between p10 and p90.
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
# The lower and the upper end; without an interval there is nothing to draw.
Pair = tuple[float, float]
Interval = Pair | None


class Stratified(np.random.Generator):
    """A random generator whose standard normal scores fall evenly: one into each of as many equally probable strata.

    Every row (last axis) is in a random order of its own, so that parameters, years and streams are the dimensions of
    a Latin hypercube, wherever each is drawn (McKay, Beckman & Conover 1979, Technometrics 21(2): 239-245). The upper
    half mirrors the lower one: the mean of a symmetric parameter is its value.

    Examples
    --------
    >>> scores = generator(1, 0, "a key").standard_normal((3, 10))
    >>> (scores < 0).sum(axis=1).tolist(), bool(abs(scores.mean()) < 1e-12)
    ([5, 5, 5], True)
    """

    def standard_normal(self, size: int | tuple[int, ...] = ()) -> np.ndarray:  # type: ignore[override]
        """Return scores in the given shape; a single one is not stratified."""
        if size == ():
            return super().standard_normal(())
        within = self.random(size)
        count = within.shape[-1]
        within[..., -(count // 2) :] = 1 - within[..., count // 2 - 1 :: -1]
        return self.permuted(ndtri((np.arange(count) + within) / count), axis=-1)


def generator(seed: int, stream: int, key: str) -> Stratified:
    """Return the random generator of one parameter in one stream (a county code, or 0 for the shared one).

    Streams are addressed, not drawn in order, so another county or parameter changes no other draw.
    """
    return Stratified(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream, zlib.crc32(key.encode())))))


def draw(
    value: float, interval: Interval, bounds: Pair, key: str, seed: int, stream: int, shared_variance: float, size: int
) -> np.ndarray:
    """Draw a parameter so many times, array (size,).

    The distribution is a two-piece normal cut at the bounds: before the cut its median is ``value``, and its 10th and
    90th percentiles are the ends of ``interval``. ValueError if almost nothing of it lies within the bounds.

    Parameters
    ----------
    value, interval, bounds : of the parameter; an interval of None gives a constant
    key : of the parameter; those of one factor (see ``FACTORS``) get the same random numbers
    seed, stream : of the run and of the county
    shared_variance : share of the variance that all counties have in common, 0 to 1

    Examples
    --------
    >>> x = draw(0.2, (0.1, 0.4), (0, 1), key="k", seed=1, stream=5, shared_variance=0.5, size=4000)
    >>> [round(float(q), 1) for q in np.quantile(x, [0.1, 0.5, 0.9])]
    [0.1, 0.2, 0.4]
    """
    if interval is None or interval[0] == interval[1]:
        return np.full(size, float(value))
    scores = mixed_scores(key, seed, stream, shared_variance, size)
    drawn = at_scores(value, interval, within_bounds(scores, value, interval, bounds))
    if not np.isfinite(drawn).all():
        raise ValueError(f"{key}: the 80% interval {interval} lies almost outside the bounds {bounds}")
    return drawn


def mixed_scores(key: str, seed: int, stream: int, shared_variance: float, size: int) -> np.ndarray:
    """Return the standard normal scores of a parameter in a county, array (size,); see :func:`draw`."""
    common, local = (generator(seed, s, FACTORS.get(key, key)).standard_normal(size) for s in (SHARED, stream))
    return np.sqrt(shared_variance) * common + np.sqrt(1 - shared_variance) * local


def at_scores(value: float, interval: Interval, scores: np.ndarray) -> np.ndarray:
    """Return a parameter at standard normal scores: 0 is its value, -1.28 and 1.28 are the ends of its interval.

    Examples
    --------
    >>> at_scores(0.2, (0.1, 0.4), np.array([-Z80, 0, Z80])).round(6).tolist()
    [0.1, 0.2, 0.4]
    """
    if interval is None:
        return np.full(np.shape(scores), float(value))
    return value + scores * np.where(scores < 0, value - interval[0], interval[1] - value) / Z80


def within_bounds(scores: np.ndarray, value: float, interval: Interval, bounds: Pair) -> np.ndarray:
    """Return standard normal scores moved to the distribution of :func:`draw`, which has no draw out of bounds.

    A score keeps its rank: it becomes the score of the same rank in the normal distribution cut at the bounds.

    Examples
    --------
    >>> low = within_bounds(np.array([-9.0, 0.0]), 0.02, (0.0, 0.06), (0.0, 1.0))
    >>> at_scores(0.02, (0.0, 0.06), low).round(3).tolist()
    [0.0, 0.024]
    """
    if interval is None or interval[0] == interval[1]:
        return scores
    spreads = [max(side, np.finfo(float).tiny) / Z80 for side in (value - interval[0], interval[1] - value)]
    low, high = ndtr((bounds[0] - value) / spreads[0]), ndtr((bounds[1] - value) / spreads[1])
    return ndtri(low + ndtr(scores) * (high - low))


class Drawer:
    """Draws the parameters of one county from its settings, each with its own address in the random stream.

    Parameters
    ----------
    settings : of the county
    stream : address of the county's random stream
    scores : by parameter key, array (draw,), standard normal scores taken in place of random numbers; a parameter
        without scores then stays at its value. ``mortality.index`` holds deviations of the index from its mean path
        (year, draw), year 1 after the level year first.
    """

    def __init__(self, settings: Settings, stream: int, scores: Mapping[str, np.ndarray] | None = None):
        self.settings, self.stream, self.scores = settings, stream, scores
        self.size = settings.integer("run.draws") if scores is None else next(iter(scores.values())).shape[-1]
        self._drawn: dict[str, np.ndarray] = {}

    def at(self, scores: Mapping[str, np.ndarray]) -> "Drawer":
        """Return what gives the same county's parameters at scores."""
        return Drawer(self.settings, self.stream, scores)

    def only(self, *keys: str) -> "Drawer":
        """Return what gives the same draws of some parameters, and every other at its value."""
        scores = {"": np.zeros(self.size)}
        for key in keys:
            setting, own = self.settings.read(key), mixed_scores(key, *self._about(key))
            scores[key] = within_bounds(own, setting.number, setting.interval, setting.parameter.bounds)
        return self.at(scores)

    def _about(self, key: str) -> tuple[int, int, float, int]:
        shared_variance = 0.0 if key in LOCAL else self.settings.number("run.shared_variance")
        return self.settings.integer("run.seed"), self.stream, shared_variance, self.size

    def __call__(self, key: str) -> np.ndarray:
        """Return the draws of one parameter (draw,), the same array each time, which is not to be changed."""
        if key not in self._drawn:
            setting = self.settings.read(key)
            if self.scores is not None:
                drawn = at_scores(setting.number, setting.interval, self.scores.get(key, np.zeros(self.size)))
            else:
                drawn = draw(setting.number, setting.interval, setting.parameter.bounds, key, *self._about(key))
            drawn.flags.writeable = False
            self._drawn[key] = drawn
        return self._drawn[key]


def total(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Return the sum of arrays, at least one, from the first on."""
    return reduce(np.add, parts)


def spread(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Return mean, p10, p50 and p90 over the last axis, that of the draws.

    Examples
    --------
    >>> {name: float(value) for name, value in spread(np.arange(11.0)).items()}
    {'mean': 5.0, 'p10': 1.0, 'p50': 5.0, 'p90': 9.0}
    """
    quantiles = np.quantile(draws, list(QUANTILES.values()), axis=-1)
    return {"mean": np.mean(draws, axis=-1), **dict(zip(QUANTILES, quantiles, strict=True))}


def quantile_error(samples: np.ndarray, q: float) -> float:
    """Return the Monte Carlo standard error of a quantile, from the order statistics around it.

    The interval between the order statistics one binomial standard deviation to either side is twice
    the error (David & Nagaraja 2003, Order Statistics, sec. 7.1).

    Examples
    --------
    >>> round(quantile_error(np.random.default_rng(1).standard_normal(10_000), 0.5), 2)
    0.01
    """
    ordered = np.sort(np.asarray(samples, dtype=float))
    n = ordered.size
    spread = np.sqrt(n * q * (1 - q))
    low, high = np.clip([int(np.floor(n * q - spread)), int(np.ceil(n * q + spread))], 0, n - 1)
    return float((ordered[high] - ordered[low]) / 2)
