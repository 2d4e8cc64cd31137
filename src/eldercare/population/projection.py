"""The cohort-component step and its repetition, for any age width, one or two sexes and any number of draws.

Conventions
-----------
- Age is the first axis, sex the second (females 0, males 1), draws last and contiguous: (age, sex, *draws).
- Every age group has the same width, the last one is open; one step is one width of time.
- Survival ratios stand at the age of ARRIVAL: S_0 is births to the first group, S_x from x-1 to x, and S_open
  applies to the last two groups together.
- Migrants are net and are added at the end of the interval; they neither die nor give birth within it.
- Deaths stand at the age the people would have reached at the end of the interval; those of newborns at 0.
- P1 = P0 + B - D + M in every sex and draw, to rounding. Nothing is clamped: net out-migration larger than
  the people there leaves a negative count, which is the caller's to see and redraw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from eldercare.population._checks import FloatArray, append_axes, numbers

SEXES = ("female", "male")

PerStep = ArrayLike | Callable[[int], ArrayLike] | Iterator[ArrayLike]


class Step(NamedTuple):
    """Result of one step.

    Attributes
    ----------
    population : array (age, sex, *draws), persons at the end of the interval
    births : array (sex, *draws), births of the interval (one sex: girls only)
    deaths : array (age, sex, *draws), deaths of the interval by age at its end
    """

    population: FloatArray
    births: FloatArray
    deaths: FloatArray


class Projection(NamedTuple):
    """Result of a projection; the first entry of `population` is the base.

    Attributes
    ----------
    population : array (time + 1, age, sex, *draws), persons
    births : array (time, sex, *draws), per interval
    deaths : array (time, age, sex, *draws), per interval, by age at its end
    """

    population: FloatArray
    births: FloatArray
    deaths: FloatArray


def step(
    population: ArrayLike,
    survival: ArrayLike,
    asfr: ArrayLike | None = None,
    srb: float = 1.05,
    migration: ArrayLike | None = None,
    width: float = 1.0,
    out: Step | None = None,
) -> Step:
    """Move a population one age width forward.

    e_x = P_{x-1} S_x, open e = (P_{open-1} + P_open) S_open; B = width sum F_x (P_x + e_x) / 2 over women;
    girls B / (1 + SRB), boys B SRB / (1 + SRB); e_0 = B_sex S_0; then net migrants are added.
    Deaths are (1 - S) times those exposed, newborns included.

    Parameters
    ----------
    population : array (age, sex, *draws), or (age,) for females alone
        Persons at the start. One entry on the sex axis means females alone: only girls are kept.
    survival : array (age, sex) or (age, sex, *draws), or (age,) for females alone
        Survival ratios 0..1 at the arrival age.
    asfr : array (age,) or (age, *draws), optional
        Births per woman and year; 0 in the first group. Left out: no births.
    srb : float
        Boys per girl at birth.
    migration : array (age, sex) or (age, sex, *draws), optional
        Net migrants of the whole interval, persons, by age at its end.
    width : float
        Years of an age group and of the step.
    out : Step, optional
        Arrays to write into (a former result of the same shape); must not share memory with `population`.

    Returns
    -------
    Step
        population, births, deaths; with a population (age,) the sex axis is left out.

    Raises
    ------
    ValueError
        Shapes that do not fit, ratios outside 0..1, negative fertility, numbers not finite.

    References
    ----------
    Preston, Heuveline & Guillot (2001), Demography, ch. 6 (boxes 6.1 and 6.2).

    Examples
    --------
    >>> after = step([100.0, 100.0, 50.0], [0.98, 0.9, 0.4], asfr=[0, 0.5, 0], srb=1.0)
    >>> after.population
    array([23.275, 90.   , 60.   ])
    >>> float(after.births), after.deaths.round(3)
    (23.75, array([ 0.475, 10.   , 90.   ]))
    """
    now = numbers("population", population)
    one_axis = now.ndim == 1
    state = _state(now)
    checks = _Checks(now)
    if not (width > 0 and np.isfinite(width)):
        raise ValueError(f"width: {width} is not above 0")
    if out is None:
        buffers = _empty_step(state)
    else:
        buffers = Step(*(_with_sex_axis(a, axis, one_axis) for a, axis in zip(out, (1, 0, 1), strict=True)))
        wanted = (state.shape, state.shape[1:], state.shape)
        if tuple(a.shape for a in buffers) != wanted or any(np.may_share_memory(state, a) for a in buffers):
            raise ValueError("out: needs arrays of the result's shapes that do not overlap the population")
    rates = (checks.survival(survival), checks.asfr(asfr), checks.srb(srb), checks.migration(migration))
    advance(state, *rates, width, buffers)
    return _without_sex_axis(buffers, 1) if one_axis else buffers


def iterate(
    base: ArrayLike,
    survival: PerStep,
    asfr: PerStep | None = None,
    srb: PerStep = 1.05,
    migration: PerStep | None = None,
    steps: int | None = None,
    width: float = 1.0,
) -> Iterator[Step]:
    """Yield one `Step` after the other in bounded memory.

    The arrays of a Step are re-used two steps later (population) or in the next step (births, deaths):
    add up or copy what is needed before asking for the next. For many draws call it with blocks of 256 to 512
    draws, contiguous on the last axis, so that a block stays in the processor's cache.

    Parameters
    ----------
    base, survival, asfr, srb, migration, steps, width
        As in `project`.

    Yields
    ------
    Step
        With a base (age,) the sex axis is left out.

    Raises
    ------
    ValueError
        As `project`.

    References
    ----------
    Preston, Heuveline & Guillot (2001), Demography, ch. 6.

    Examples
    --------
    >>> sums = [float(s.population.sum()) for s in iterate([10.0, 10.0, 0.0], [1.0, 1.0, 0.5], steps=3)]
    >>> sums
    [15.0, 7.5, 3.75]
    """
    state, sources, steps, one_axis = _prepare(base, survival, asfr, srb, migration, steps, width)
    first, second = _empty_step(state), np.empty_like(state)
    buffers = (first, first._replace(population=second))
    for t in range(steps):
        target = buffers[t % 2]
        advance(state, *(source(t) for source in sources), width, target)
        state = target.population
        yield _without_sex_axis(target, 1) if one_axis else target


def project(
    base: ArrayLike,
    survival: PerStep,
    asfr: PerStep | None = None,
    srb: PerStep = 1.05,
    migration: PerStep | None = None,
    steps: int | None = None,
    width: float = 1.0,
) -> Projection:
    """Project a population and keep every step.

    Parameters
    ----------
    base : array (age, sex, *draws), or (age,) for females alone
        Persons at the start. Equal draws need no copy: ``np.broadcast_to(base[..., None], (ages, 2,
        draws))``.
    survival : array, callable or iterator
        Ratios at the arrival age: one array for all steps, (age, sex) or (age, sex, *draws); or with time
        first (time, age, sex, *draws), recognised by one axis more than `base` (use draws of length 1 for
        rates without draws); or a function of the step 0, 1, ...; or an iterator giving one array per step.
    asfr : array, callable or iterator, optional
        Births per woman and year, (age,) or (age, *draws); with time first (time, age, *draws), recognised by
        as many axes as `base` (base (age,): by two).
    srb : number, array (time,), callable or iterator
        Boys per girl.
    migration : array, callable or iterator, optional
        Net migrants per step, shapes as `survival`.
    steps : int, optional
        Number of steps; left out: the length of the arrays with time first.
    width : float
        Years of an age group and of a step.

    Returns
    -------
    Projection
        population with the base first, births, deaths; with a base (age,) without the sex axis. Memory is two
        such arrays of all times; use `iterate` where that is too much.

    Raises
    ------
    ValueError
        As `step`; also a negative base, a number of steps that cannot be told or that differs between inputs,
        or an iterator that ends early.

    References
    ----------
    Preston, Heuveline & Guillot (2001), Demography, ch. 6 (boxes 6.1 and 6.2).

    Examples
    --------
    >>> base = np.array([[60.0, 63.0], [50.0, 50.0], [40.0, 30.0]])
    >>> survival = np.array([[0.99, 0.98], [0.95, 0.9], [0.5, 0.4]])
    >>> p = project(base, survival, asfr=[0, 0.8, 0], migration=np.full((3, 2), 1.0), steps=2)
    >>> p.population.shape, p.births.shape, p.deaths.shape
    ((3, 3, 2), (2, 2), (2, 3, 2))
    >>> change = p.births.sum() - p.deaths.sum() + 12
    >>> bool(np.isclose(p.population[2].sum(), base.sum() + change))
    True
    """
    state, sources, steps, one_axis = _prepare(base, survival, asfr, srb, migration, steps, width)
    kept = Projection(
        np.empty((steps + 1, *state.shape), state.dtype),
        np.empty((steps, *state.shape[1:]), state.dtype),
        np.empty((steps, *state.shape), state.dtype),
    )
    kept.population[0] = state
    for t in range(steps):
        target = Step(kept.population[t + 1], kept.births[t], kept.deaths[t])
        advance(kept.population[t], *(source(t) for source in sources), width, target)
    return _without_sex_axis(kept, 2) if one_axis else kept


def advance(
    now: FloatArray,
    survival: FloatArray,
    asfr: FloatArray | None,
    srb: float,
    migration: FloatArray | None,
    width: float | FloatArray,
    out: Step,
) -> None:
    """Write one step into `out`, unchecked: for callers that have made sure of shapes and ranges.

    Arguments as in `step`, with all axes there and migrants of length 1 or more on each; `width` may differ by draw,
    which scales the births of a draw.
    """
    after, births, deaths = out
    np.multiply(now[:-2], survival[1:-1], out=after[1:-1])
    np.subtract(now[:-2], after[1:-1], out=deaths[1:-1])
    # Those exposed to the open group first, so that its deaths are an exact difference too.
    np.add(now[-2], now[-1], out=deaths[-1])
    np.multiply(deaths[-1], survival[-1], out=after[-1])
    deaths[-1] -= after[-1]
    if asfr is None:
        births[...] = 0
        after[0] = 0
        deaths[0] = 0
    else:
        total = _births(now, after, asfr) * (width / 2)
        births[0] = total / (1 + srb)
        births[1:] = births[0] * srb
        np.multiply(births, survival[0], out=after[0])
        np.subtract(births, after[0], out=deaths[0])
    if migration is not None:
        after += migration


def _births(now: FloatArray, after: FloatArray, asfr: FloatArray) -> FloatArray:
    """Sum of F_x (P_x + e_x) over women, restricted to the ages with fertility."""
    fertile = np.flatnonzero(asfr if asfr.ndim == 1 else asfr.any(axis=tuple(range(1, asfr.ndim))))
    if not fertile.size:
        return np.zeros(now.shape[2:], now.dtype)
    ages = slice(fertile[0], fertile[-1] + 1)
    if asfr.ndim == 1:
        return np.einsum("a,a...->...", asfr[ages], now[ages, 0]) + np.einsum("a,a...->...", asfr[ages], after[ages, 0])
    return ((now[ages, 0] + after[ages, 0]) * asfr[ages]).sum(axis=0)


class _Checks:
    """Checks of one step's inputs against the shape of the population."""

    def __init__(self, base: FloatArray) -> None:
        self.one_axis = base.ndim == 1
        self.shape = _state(base).shape

    def survival(self, values: ArrayLike) -> FloatArray:
        return self._by_age_and_sex("survival", values, 0.0, 1.0)

    def migration(self, values: ArrayLike | None) -> FloatArray | None:
        return None if values is None else self._by_age_and_sex("migration", values, None, None)

    def asfr(self, values: ArrayLike | None) -> FloatArray | None:
        if values is None:
            return None
        rates = numbers("asfr", values, low=0.0)
        draws = self.shape[2:]
        if rates.ndim == 0 or rates.shape[0] != self.shape[0] or not _fits(rates.shape[1:], draws):
            raise ValueError(f"asfr: {rates.shape} does not fit a population {self.shape} (age, sex, draws)")
        if rates[0].any():
            raise ValueError("asfr: the first age group cannot give birth")
        return rates if rates.ndim == 1 else append_axes(rates, 1 + len(draws))

    def srb(self, value: ArrayLike) -> float:
        ratio = numbers("srb", value, low=np.nextafter(0, 1))
        if ratio.ndim:
            raise ValueError(f"srb: expected one number per step, got {ratio.shape}")
        return float(ratio)

    def _by_age_and_sex(self, name: str, values: ArrayLike, low: float | None, high: float | None) -> FloatArray:
        array = numbers(name, values, low=low, high=high)
        if self.one_axis and array.ndim == 1:
            array = array[:, None]
        if array.shape[:2] != self.shape[:2] or not _fits(array.shape[2:], self.shape[2:]):
            raise ValueError(f"{name}: {array.shape} does not fit a population {self.shape} (age, sex, draws)")
        return append_axes(array, len(self.shape))


def _fits(given: tuple[int, ...], draws: tuple[int, ...]) -> bool:
    """Whether axes of draws agree or have length 1 (missing ones are appended)."""
    return len(given) <= len(draws) and all(a in (1, b) for a, b in zip(given, draws, strict=False))


def _state(base: FloatArray) -> FloatArray:
    """The population as (age, sex, *draws); ValueError if it is not one."""
    state = base[:, None] if base.ndim == 1 else base
    if state.ndim < 2 or len(state) < 2 or state.shape[1] not in (1, 2):
        raise ValueError(f"population: {base.shape} is not (age, sex, draws) with one or two sexes")
    return state


def _prepare(
    base: ArrayLike,
    survival: PerStep,
    asfr: PerStep | None,
    srb: PerStep,
    migration: PerStep | None,
    steps: int | None,
    width: float,
) -> tuple[FloatArray, list[Callable[[int], Any]], int, bool]:
    """Check what is known beforehand and turn each input into a function of the step."""
    start = numbers("base", base, low=0.0)
    checks = _Checks(start)
    if not (width > 0 and np.isfinite(width)):
        raise ValueError(f"width: {width} is not above 0")
    asfr_axes = max(1, start.ndim - 1)
    made = [
        _source("survival", survival, start.ndim, checks.survival),
        _source("asfr", asfr, asfr_axes, checks.asfr),
        _source("srb", srb, 0, checks.srb),
        _source("migration", migration, start.ndim, checks.migration),
    ]
    lengths = {length for _, length in made if length is not None} | ({steps} if steps is not None else set())
    if len(lengths) != 1:
        raise ValueError(
            f"steps: the inputs have {', '.join(map(str, sorted(lengths)))} steps"
            if lengths
            else "steps: give a number; no input has a time axis"
        )
    count = lengths.pop()
    if count < 0:
        raise ValueError(f"steps: {count} is below 0")
    return _state(start), [source for source, _ in made], count, start.ndim == 1


def _source(name: str, values: Any, axes: int, check: Callable[[Any], Any]) -> tuple[Callable[[int], Any], int | None]:
    """A function of the step, and the number of steps if the input has a time axis."""
    if callable(values):
        return (lambda t: check(values(t))), None
    if isinstance(values, Iterator):

        def following(t: int) -> Any:
            try:
                return check(next(values))
            except StopIteration:
                raise ValueError(f"{name}: the iterator ended before step {t}") from None

        return following, None
    if values is not None and np.ndim(values) == axes + 1:
        by_time = np.asarray(values)
        return (lambda t: check(by_time[t])), len(by_time)
    constant = check(values)
    return (lambda t: constant), None


def _empty_step(state: FloatArray) -> Step:
    """Arrays for the result of a step."""
    shape = state.shape
    return Step(np.empty(shape, state.dtype), np.empty(shape[1:], state.dtype), np.empty(shape, state.dtype))


def _with_sex_axis(array: FloatArray, axis: int, one_axis: bool) -> FloatArray:
    """View with the sex axis of length 1 put back."""
    return np.expand_dims(array, axis) if one_axis else array


def _without_sex_axis(result: Any, sex: int) -> Any:
    """Views without the sex axis, which births have one place earlier because they have no age."""
    population, births, deaths = result
    return type(result)(population.squeeze(sex), births.squeeze(sex - 1), deaths.squeeze(sex))
