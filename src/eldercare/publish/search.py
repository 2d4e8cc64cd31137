"""Scripts made for the pages: their words, and what a search looks through, loaded when a reader first asks for it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from eldercare.inputs import Project
from eldercare.publish.pages import GLOSSARY, Labels
from eldercare.publish.request import LANGUAGES
from eldercare.report.text import Text, catalogue

PART = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>|<p class="(?:answer|finding)">(.*?)</p>', re.S)


def terms(t: Text) -> dict[str, tuple[str, str]]:
    """Return the terms of the glossary in order, each with its meaning."""
    keys = [key for key in catalogue() if key.startswith("glossary.") and t.has(f"{key}_means")]
    return {key.removeprefix("glossary."): (t(key), t(f"{key}_means")) for key in keys}


def scripts(site: Path, project: Project, labels: Labels) -> Iterator[tuple[str, str]]:
    """Yield scripts by name: the words of a language, and headings and sentences of its pages in a folder, in order."""
    kinds = labels.areas, labels.scenarios, {name: topic.label for name, topic in labels.topics.items()}
    for language in LANGUAGES:
        t, pages = Text(language, labels.words[language]), []
        for file in sorted(site.glob(f"{language}/*/*/*.html")):
            parts = PART.findall(file.read_text(encoding="utf-8"))
            said = [(name, *(Markup(html).striptags() for html in both)) for name, *both in parts]
            pages.append((*file.parts[-3:-1], file.stem, said))
        words = {key.removeprefix("script."): t(key) for key in catalogue() if key.startswith("script.")}
        words |= {"language": language, "glossary": GLOSSARY[language]}
        about = {s.label[language]: (s.description[language], s.is_of_population) for s in project.scenarios.values()}
        names = [{name: label[language] for name, label in kind.items()} for kind in kinds]
        own = {"words": words, "terms": terms(t), "scenarios": about}
        for name, values in {"words": own, "search": {"names": names, "pages": pages}}.items():
            text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
            yield f"{name}-{language}.js", f"Object.assign(window.eldercare ??= {{}}, {text});\n"
