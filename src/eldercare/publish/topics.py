"""Topics: the notebooks as the site names them, read from the notebooks themselves."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eldercare.publish.dictionary import tables
from eldercare.publish.request import LANGUAGES, content_of

# Tags of cells that help whoever opens the notebook and are no part of its page.
UNPUBLISHED = {"guide", "parameters", "injected-parameters", "try"}
OF_LANGUAGE = {f"lang-{language}" for language in LANGUAGES}
HEADING = re.compile(r"\s*(#{1,2})[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)")


@dataclass(frozen=True)
class Topic:
    """A notebook of the site, with the name of its topic by language.

    Its metadata say its role for the others: ``main`` leads and is where links go whose page was not made, ``sure``
    says how sure the numbers are, ``origin`` what was published. They also say which published tables stand behind it.
    """

    label: Mapping[str, str]
    role: str = ""
    tables: tuple[str, ...] = ()


def is_published(cell: Mapping[str, Any], language: str) -> bool:
    """Say whether a cell belongs to the page of a language: by its tags, and by those of another language."""
    tags = set(cell["metadata"].get("tags", ()))
    return not tags & UNPUBLISHED and (not tags & OF_LANGUAGE or f"lang-{language}" in tags)


def is_stray(cell: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """Say whether a cell came into a notebook by accident: in one of the suite, every cell has a tag for what it is."""
    return "eldercare" in metadata and not cell["metadata"].get("tags")


def first_heading(source: str) -> tuple[int, str, str]:
    """Return level and words of the heading that a text begins with, and what follows; level 0 without one.

    Examples
    --------
    >>> first_heading("## Gap\\nText"), first_heading("Text")
    ((2, 'Gap', 'Text'), (0, '', 'Text'))
    """
    found = HEADING.match(source)
    return (len(found[1]), found[2], source[found.end() :]) if found else (0, "", source)


def topics_of(notebooks: Mapping[str, Path]) -> dict[str, Topic]:
    """Return the topics of notebooks by name; of a file that is no notebook, only its name."""
    topics = {}
    for name, file in notebooks.items():
        try:
            notebook = content_of(file)
            cells = [cell for cell in notebook["cells"] if not is_stray(cell, notebook["metadata"])]
            about = notebook["metadata"].get("eldercare", {})
            shown = tuple(table for table in about.get("tables", ()) if table in tables())
            labels = {language: _title(cells, language) or name for language in LANGUAGES}
            topics[name] = Topic(labels, about.get("role", ""), shown)
        except (ValueError, LookupError, TypeError, AttributeError):
            topics[name] = Topic(dict.fromkeys(LANGUAGES, name))
    return topics


def _title(cells: Iterable[Mapping[str, Any]], language: str) -> str:
    """Return the first heading of the first level in a language, as plain words."""
    for cell in cells:
        if cell["cell_type"] == "markdown" and is_published(cell, language):
            level, title, _ = first_heading("".join(cell["source"]))
            if level == 1:
                return re.sub(r"[*`]", "", title)
    return ""
