"""Closed lists: units, denominators and grades of evidence, each with its label in both languages."""

from __future__ import annotations

from importlib import resources

from eldercare.inputs.strict_yaml import read_own

_LISTS = read_own((resources.files("eldercare.inputs") / "vocabulary.yaml").read_text(encoding="utf-8"))
UNITS: dict[str, dict[str, str]] = _LISTS["units"]
DENOMINATORS: dict[str, dict[str, str]] = _LISTS["denominators"]
EVIDENCE: dict[str, dict[str, str]] = _LISTS["evidence"]
