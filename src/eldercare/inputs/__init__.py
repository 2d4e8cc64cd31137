"""Inputs: parameters, counties, scenarios, their layers and sources, and the tables of data/raw."""

from eldercare.inputs.city import City
from eldercare.inputs.layers import Setting, Settings, Step, resolve
from eldercare.inputs.problems import InputError, Problem, did_you_mean
from eldercare.inputs.project import Project, find_root, load_project

__all__ = [
    "City",
    "InputError",
    "Problem",
    "Project",
    "Setting",
    "Settings",
    "Step",
    "did_you_mean",
    "find_root",
    "load_project",
    "resolve",
]
