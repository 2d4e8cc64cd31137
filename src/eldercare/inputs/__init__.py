"""Inputs: parameters, counties, scenarios, their layers and sources, and the tables of data/raw."""

from eldercare.inputs.layers import Setting, Settings, resolve
from eldercare.inputs.problems import InputError, Problem, did_you_mean
from eldercare.inputs.project import Project, load_project

__all__ = ["InputError", "Problem", "Project", "Setting", "Settings", "did_you_mean", "load_project", "resolve"]
