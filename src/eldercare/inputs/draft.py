"""Draft: a scenario that is still being changed, under the same rules as its file, and its way into one."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from filelock import FileLock

from eldercare.inputs.guards import write_bytes, writing
from eldercare.inputs.joint import split_problems
from eldercare.inputs.layers import resolve
from eldercare.inputs.models import check
from eldercare.inputs.problems import InputError, Problem, _, kept, refuse
from eldercare.inputs.project import Project
from eldercare.inputs.scenarios import FOLDER, Scenario, new_file, text_of
from eldercare.inputs.strict_yaml import Document, parse_yaml, read_yaml


def drafted(project: Project, content: Mapping[str, Any], form: Document | None = None) -> Project:
    """Return the project with a scenario of this content; InputError with every fault that its file would have."""
    name = str(content.get("scenario", ""))
    # Faults have lines of that file, or the places of a form that states the content.
    document = form or parse_yaml(f"{FOLDER}/{name}.yaml", text_of(content))
    known = {"parameters": project.parameters, "counties": project.counties, "sources": project.sources}
    scenario = check(Scenario, document, {**known, "name": name}).placed(document)
    project, problems = replace(project.apart(), scenarios={**project.scenarios, name: scenario}), list[Problem]()
    for area in project.areas:
        with kept(problems):
            resolve(project, area, name)
    refuse(dict.fromkeys(problems or split_problems(project, name)))
    return project


def opened(project: Project, name: str) -> dict[str, Any]:
    """Return the content and digest of a scenario's file, and whether that is ``all``: no comment, no other form."""
    file = f"{FOLDER}/{name}.yaml"
    content, raw = read_yaml(project.root / file, file).data, (project.root / file).read_bytes()
    return {"content": content, "digest": sha256(raw).hexdigest(), "all": raw == text_of(content).encode()}


def save(project: Project, content: Mapping[str, Any], before: str) -> str:
    """Write a draft, return its name; InputError: its faults, or its file not of digest ``before``, or with more."""
    name = str(content.get("scenario", ""))
    with writing(".cache"):
        (project.root / ".cache").mkdir(exist_ok=True)
    with FileLock(project.root / ".cache" / "scenarios.lock"):
        if before and name in project.scenarios:
            file, there = f"{FOLDER}/{name}.yaml", opened(project, name)
            if not there["all"] or there["digest"] != before:
                message = _("was changed meanwhile, or holds comments that would be lost; save under another name")
                raise InputError(Problem(file, message=message))
        else:
            file = new_file(project.root, name)
        drafted(project, content)
        write_bytes(project.root / file, file, text_of(content).encode())
    return name
