"""Elderly-care capacity planning: population, beds, meals and services by county."""

__version__ = "0.1.0"
