"""Counties: what each county file states about its own county."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from eldercare.inputs.models import Code, Context, Fault, Label, Name, Strict, load_folder, misnamed
from eldercare.inputs.operations import Fact, operation_faults, place
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.problems import InputError, Problem, _

FOLDER = "config/counties"


class County(Strict):
    """One county file: identifier, six-digit code, name in both languages, and its own facts by parameter key."""

    name: Name = Field(alias="county")
    code: Code
    label: Label
    facts: dict[str, Fact]

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield faults of the name and of the facts."""
        yield from misnamed("county", self.name, context)
        yield from operation_faults(self.facts, context, "facts")


def load_counties(root: Path, parameters: Mapping[str, Parameter], sources: Collection[str]) -> dict[str, County]:
    """Read config/counties, ordered by code; raise InputError with every problem of every file."""
    context = {"parameters": parameters, "sources": sources}
    counties, problems = {}, []
    by_code: dict[str, str] = {}
    for name, (document, county) in load_folder(root, FOLDER, County, context).items():
        if by_code.setdefault(county.code, name) != name:
            problems.append(Problem(document.where("code"), "code", county.code, _("stands in two county files")))
        place(county.facts, document, "facts")
        counties[name] = county
    if problems:
        raise InputError(problems)
    return dict(sorted(counties.items(), key=lambda item: item[1].code))
