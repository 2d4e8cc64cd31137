"""The fault of an input; see :mod:`eldercare.inputs.problems`."""

from eldercare.inputs.problems import InputError, Problem, did_you_mean

__all__ = ["InputError", "Problem", "did_you_mean"]
