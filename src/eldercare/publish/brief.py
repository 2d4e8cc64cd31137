"""Briefs: what each holds, in words, as one description; Word and PDF are two ways to lay the same out."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from markupsafe import Markup

import eldercare
from eldercare.inputs import InputError, Problem, Project
from eldercare.inputs.guards import read_json, write_bytes, writing
from eldercare.inputs.problems import _
from eldercare.inputs.tables import state
from eldercare.publish.pages import BRIEFS, MADE
from eldercare.report import Page
from eldercare.report.brief import sections
from eldercare.report.chart import Chart, Table

# How much wider a column is than one of plain numbers.
WORDS, WITH_INTERVAL = 2.0, 1.5
PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
TAG = re.compile(r'<span class="?tag[^>]*>(.*?)</span>')


def described(part: object) -> list[dict[str, Any]]:
    """Return a part of a brief as paragraphs, notes, a table or a picture: its kind, and what it says."""
    if isinstance(part, Chart):
        return [{"kind": "picture", "title": part.title, "told": part.finding, "png": part.png()}]
    if isinstance(part, Table):
        rows = part.frame if part.shown is None else part.frame[list(part.shown)]
        shares = [WORDS if one.form == "text" else WITH_INTERVAL if one.interval else 1.0 for one in part.columns]
        cells = [[plain(part.cell(row, one)) for one in part.columns] for row in rows.to_dict("records")]
        heads = {"head": [one.label for one in part.columns], "numeric": [one.numeric for one in part.columns]}
        return [{"kind": "table", "title": part.title, "shares": shares, **heads, "rows": cells}]
    if isinstance(part, Markup):
        return [{"kind": "text", "text": plain(Markup(text))} for text in PARAGRAPH.findall(part)]
    return [{"kind": "note", "text": str(part)}]


def plain(part: object) -> str:
    """Return what a reader sees of a piece of HTML or a text, on the lines that it has; labels in square brackets.

    Examples
    --------
    >>> plain(Markup("1,200<br><small>800 to 1,600</small>")), plain("a < b")
    ('1,200\\n800 to 1,600', 'a < b')
    """
    if not isinstance(part, Markup):
        return str(part)
    return "\n".join(Markup(TAG.sub(r"[\1]", line)).striptags() for line in part.split("<br>"))


def write_briefs(
    project: Project, areas: Sequence[str], scenario: str, languages: Iterable[str], kind: str
) -> list[Path]:
    """Write the briefs of areas (all where none is named) to outputs/briefs, note of which inputs, return their files.

    ``kind`` is docx or pdf. InputError if they cannot be written, or what makes PDF is not installed.
    """
    folder, now, files, before = project.root / "outputs" / BRIEFS, datetime.now(UTC), [], dict[str, str]()
    try:
        if kind == "pdf":
            from eldercare.publish.pdf import pdf as laid_out
        else:
            from eldercare.publish.word import word as laid_out
    except ImportError as error:
        message = _("needs the package {name}: pip install 'eldercare[{extra}]'", name=error.name, extra="pdf")
        raise InputError(Problem("--to", value=kind, message=message)) from error
    for area, language in product(areas or project.areas, languages):
        page = Page("brief", area, scenario, language=language, project=project)
        parts = {heading: sum(map(described, found), []) for heading, found in sections(page).items()}
        brief = {
            "title": page.say("title"),
            "origin": f"{page.area_name} · {page.scenario_name} · {now:%Y-%m-%d} · eldercare {eldercare.__version__}",
            "language": language,
            "sections": [{"heading": heading, "parts": found} for heading, found in parts.items()],
        }
        files.append(folder / f"{area}-{scenario}-{language}.{kind}")
        with writing(where := f"outputs/briefs/{files[-1].name}"):
            folder.mkdir(parents=True, exist_ok=True)
            write_bytes(files[-1], where, laid_out(brief, now))
    with suppress(InputError, TypeError, ValueError):
        before = dict(read_json(folder / MADE, MADE))
    made = before | dict.fromkeys((file.name for file in files), state(project.root))
    write_bytes(folder / MADE, MADE, json.dumps(made, indent=1).encode())
    return files
