"""Parameters: definition, default and metadata of every number that a planner can change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.models import ParameterEntry, check
from eldercare.inputs.strict_yaml import Document, read_scalar, read_yaml


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    key : str
    where : str
        File and line of its definition.
    label, meaning : dict
        Texts by language.
    value : number, str or None
        Default; None means not reported (only where ``optional``).
    unit, denominator, evidence : str
        From the closed lists of :mod:`eldercare.inputs.vocabulary`.
    bounds : (low, high)
        Allowed range; for a choice infinite.
    choices : tuple of str
        Allowed words; empty for numbers.
    interval : (low, high) or None
        80% interval that drives the draws; None for a fixed value.
    source, locator : str
    integer, optional : bool
    """

    key: str
    where: str
    label: dict[str, str]
    meaning: dict[str, str]
    value: float | int | str | None
    unit: str
    denominator: str
    bounds: tuple[float, float]
    choices: tuple[str, ...]
    interval: tuple[float, float] | None
    evidence: str
    source: str
    locator: str
    integer: bool
    optional: bool

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.choices:
            return f"allowed are {', '.join(self.choices)}"
        kind = "a whole number" if self.integer else "a number"
        return f"{kind} from {self.bounds[0]:g} to {self.bounds[1]:g} is allowed" + (
            ", or none (not reported)" if self.optional else ""
        )

    def problem(self, where: str, value: object) -> Problem | None:
        """Return what is wrong with a value of this parameter, or None."""
        if self.choices:
            if value in self.choices:
                return None
            return Problem(where, self.key, value, self.allowed, did_you_mean(str(value), self.choices))
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.integer and value != int(value)):
            return Problem(where, self.key, "none" if value is None else value, self.allowed)
        if not self.bounds[0] <= value <= self.bounds[1]:
            return Problem(where, self.key, value, f"out of bounds; {self.allowed}")
        return None

    def interval_problem(self, where: str, value: object, interval: tuple[float, float] | None) -> Problem | None:
        """Return what is wrong with an 80% interval around a value, or None."""
        if interval is None:
            return None
        low, high = interval
        if self.choices or value is None:
            return Problem(
                where, self.key, f"[{low:g}, {high:g}]", "only a number has an interval; write interval: none"
            )
        if not (self.bounds[0] <= low and high <= self.bounds[1]):
            return Problem(where, self.key, f"[{low:g}, {high:g}]", f"the interval leaves the bounds; {self.allowed}")
        if not low <= value <= high:
            return Problem(where, self.key, f"[{low:g}, {high:g}]", f"the interval must contain the value {value:g}")
        return None

    def parse(self, text: object) -> object:
        """Return the value that a text of the command line means; it is checked elsewhere."""
        if not isinstance(text, str) or self.choices:
            return text
        if text == "none":
            return None
        try:
            return read_scalar(text)
        except ValueError:
            # Told as a value that is not allowed, with what is.
            return text


def ends(interval: object) -> tuple[float, float] | None:
    """Return an interval as written in a file: two numbers, or None for the word none."""
    return None if interval in (None, "none") else (float(interval[0]), float(interval[1]))


def load_parameters(root: Path, sources: set[str]) -> dict[str, Parameter]:
    """Read config/parameters; raise InputError with every problem of every file."""
    problems: list[Problem] = []
    parameters: dict[str, Parameter] = {}
    for file in sorted((root / "config" / "parameters").glob("*.yaml")):
        document = read_yaml(file, file.relative_to(root).as_posix())
        if document.problems:
            problems += document.problems
            continue
        if not isinstance(document.data, dict):
            problems.append(Problem(document.file, message="must be a mapping of parameter keys to their definitions"))
            continue
        for key, entry in document.data.items():
            model, faults = check(ParameterEntry, document, (key,), entry)
            if faults:
                problems += faults
                continue
            if key in parameters:
                problems.append(
                    Problem(
                        document.where(key),
                        key,
                        message=f"is defined twice, first in {parameters[key].where}; keep one",
                    )
                )
                continue
            parameter = _parameter(key, document, model)
            problems += _faults(parameter, document, model, sources)
            parameters[key] = parameter
    if not parameters and not problems:
        problems.append(Problem("config/parameters", message="holds no parameter file (*.yaml)"))
    if problems:
        raise InputError(problems)
    return parameters


def _parameter(key: str, document: Document, entry: ParameterEntry) -> Parameter:
    return Parameter(
        key=key,
        where=document.where(key, "value"),
        label=entry.label.model_dump(),
        meaning=entry.meaning.model_dump(),
        value=None if entry.value == "none" and not entry.choices else entry.value,
        unit=entry.unit,
        denominator=entry.denominator,
        bounds=entry.bounds or (float("-inf"), float("inf")),
        choices=tuple(entry.choices or ()),
        interval=ends(entry.interval),
        evidence=entry.evidence,
        source=entry.source,
        locator=entry.locator,
        integer=entry.integer,
        optional=entry.optional,
    )


def _faults(parameter: Parameter, document: Document, entry: ParameterEntry, sources: set[str]) -> list[Problem]:
    at = document.where(parameter.key)
    faults = []
    if (parameter.unit == "choice") != bool(parameter.choices):
        faults.append(Problem(at, parameter.key, message="unit choice and a list of choices go together"))
    if not parameter.choices and entry.bounds is None:
        faults.append(Problem(at, f"{parameter.key}.bounds", message="is missing and must be given"))
    elif entry.bounds and not entry.bounds[0] < entry.bounds[1]:
        faults.append(
            Problem(
                document.where(parameter.key, "bounds"),
                f"{parameter.key}.bounds",
                message="the lower bound must be below the upper one",
            )
        )
    if not faults:
        # A value can be judged only against sound bounds.
        faults.append(parameter.problem(document.where(parameter.key, "value"), parameter.value))
    if faults[-1] is None:
        faults.append(
            parameter.interval_problem(document.where(parameter.key, "interval"), parameter.value, parameter.interval)
        )
    faults.append(
        source_problem(
            document.where(parameter.key, "source"), parameter.key, parameter.source, parameter.evidence, sources
        )
    )
    return [fault for fault in faults if fault]


def source_problem(where: str, key: str, source: str, evidence: str, sources: set[str]) -> Problem | None:
    """Return what is wrong with a source: it must be registered; none is allowed for an assumption only."""
    if source == "none":
        if evidence == "assumption":
            return None
        return Problem(
            where, f"{key}.source", "none", f"evidence {evidence} needs a source; only an assumption may have none"
        )
    if source not in sources:
        return Problem(
            where, f"{key}.source", source, "is not registered in data/raw/sources.csv", did_you_mean(source, sources)
        )
    return None
