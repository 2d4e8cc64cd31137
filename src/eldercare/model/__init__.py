"""Model: a run of one area under one scenario, its draws and results."""

from eldercare.model.results import Results
from eldercare.model.run import Run

__all__ = ["Results", "Run"]
