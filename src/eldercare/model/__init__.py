"""Model: a run of one area under one scenario, its draws, frames and crossing years."""

from eldercare.model.run import CITY, Run

__all__ = ["CITY", "Run"]
