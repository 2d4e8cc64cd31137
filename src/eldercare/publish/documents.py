"""Documents of the site: what of a notebook's cells stands on its page, in which order, and the templates around it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from eldercare.publish.keys import file_digest
from eldercare.publish.pages import FRONT, GLOSSARY, LANGUAGE_TAGS, QUALITY, Link, Shell
from eldercare.publish.topics import first_heading, is_published
from eldercare.report.html import SITE
from eldercare.report.text import Text

BESIDE = re.compile(r'<a href="(?:\./)?([a-z0-9_]+)\.ipynb">(.*?)</a>', re.S)
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.S)
# The end of a line after a Chinese character and before another, or before a number or a word that leads to one.
CHINESE = r"[\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
BROKEN = re.compile(rf"(?<={CHINESE})\n(?=\w*{CHINESE})")
GAP = re.compile(r">\s+<")
FRAME = re.compile(r'<div>\s*<style scoped>.*?</style>\s*<table border="1" class="dataframe">(.*?)</table>', re.S)
# The line below a picture, and the end of a table that is not behind one.
SOURCED = re.compile(r'(<p class="source">.*?)(?=</p>)|(</table></div>)(?!<p class="file">)', re.S)
# Where one part of what a cell shows ends and the next begins.
BLOCK = re.compile(r"\n(?=<(?:figure|details|div|p|ul)\b)")
# What of an output is shown: the first kind that it has.
KINDS = (SITE, "text/html", "image/svg+xml", "image/png", "text/plain")

Output = Mapping[str, str]


@dataclass
class Section:
    """A part of a page: findings, text and other outputs, and how they were computed; the template arranges them.

    ``name`` is the id of its heading, the same in every language; what stands outside of sections has no ``title``, and
    its text stands among the outputs.
    ``steps`` stand in the fold: code, and its outputs where they are numbers behind the results. ``pictures`` say of
    each picture and finding whether it is there: without any, as a comparison of counties on a county's page, the
    section is left out.
    """

    name: str = ""
    title: Markup = Markup()
    findings: list[Output] = field(default_factory=list)
    text: list[Output] = field(default_factory=list)
    shown: list[Output] = field(default_factory=list)
    steps: list[tuple[str, list[Output]]] = field(default_factory=list)
    pictures: list[bool] = field(default_factory=list)


class Renderer(IPythonRenderer):
    """Markdown of a page: raw HTML stays text, no second heading of the page, no picture from another place."""

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """Return a heading below the one of the page."""
        return super().heading(text, max(level, 2), **attributes)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return an attached picture; of any other, a link to it."""
        return super().image(text, url, title) if url.startswith("attachment:") else self.link(text or url, url, title)


def markdown(source: str, attachments: Mapping[str, dict[str, str]] | None = None) -> Markup:
    """Return Markdown as HTML that is safe in a page.

    Examples
    --------
    >>> print(markdown("a **b** <script>"))
    <p>a <strong>b</strong> &lt;script&gt;</p>
    """
    # Chinese is written without spaces.
    source = BROKEN.sub("", source)
    renderer = Renderer(True, False, exclude_anchor_links=True, attachments=dict(attachments or {}))
    return Markup(MarkdownWithMath(renderer).render(source).strip())


def sections_of(cells: Sequence[Any], language: str) -> list[Section]:
    """Return the sections of the page of an executed notebook's cells in one language."""
    sections, is_titled = [Section()], False
    for number, cell in enumerate(cells):
        if not is_published(cell, language):
            continue
        if cell.cell_type == "markdown":
            level, title, text = first_heading(cell.source)
            if level == 1 and not is_titled:
                is_titled = True  # the name of the topic, which the page has in its heading
            elif level:
                name = cell.get("id", f"section-{number}").removesuffix(f"-{language}")
                heading = markdown(title).removeprefix("<p>").removesuffix("</p>")
                sections.append(Section(name, Markup(heading)))
            if text.strip():
                section = sections[-1]
                place = section.text if section.name and not section.shown else section.shown
                place.append({SITE: markdown(text, cell.get("attachments"))})
        elif cell.cell_type == "code":
            tags, section, outputs = {*cell.metadata.get("tags", ())}, sections[-1], list(shown_outputs(cell.outputs))
            if "page" in tags:
                # What the page itself brings belongs to no section: the fold of the one before comes first.
                sections += [Section(shown=outputs), Section()] if outputs else []
                continue
            if tags & {"picture", "finding"}:
                section.pictures.append(bool(outputs))
            if cell.source.strip():
                section.steps.append((cell.source, outputs if "numbers" in tags else []))
            if "numbers" not in tags:
                (section.findings if "finding" in tags else section.shown).extend(outputs)
    return [section for section in sections if any(section.pictures) or not (section.name and section.pictures)]


def shown_outputs(outputs: Iterable[Any]) -> Iterator[Output]:
    """Yield of each output the kind that the site shows, in its parts."""
    for output in outputs:
        data = {"text/plain": output.text} if output.output_type == "stream" else output.get("data", {})
        kind = next((kind for kind in KINDS if kind in data), None)
        if kind and "".join(data[kind]).strip():
            about = output.get("metadata", {}).get(kind, {})
            for part in BLOCK.split(data[kind]) if kind in KINDS[:2] else [data[kind]]:
                yield {kind: part, "alt": about.get("alt", "")}


def frames(html: str) -> Markup:
    """Return HTML with pandas' frames in boxes that can be moved sideways and take their look from the site.

    Examples
    --------
    >>> print(frames('<div><style scoped>x</style><table border="1" class="dataframe"></table></div>'))
    <div class="table-box"><table class="dataframe"></table></div>
    """
    framed = FRAME.sub(lambda f: f'<div class="table-box"><table class="dataframe">{GAP.sub("><", f[1])}</table>', html)
    # An empty corner is no heading of anything.
    return Markup(framed.replace("<th></th>", "<td></td>"))


@cache
def templates() -> Environment:
    """Return the templates, which escape every value; made once per process, for reading them takes longer than use."""
    return Environment(loader=PackageLoader("eldercare.publish"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def fill(template: str, shell: Shell, **values: object) -> str:
    """Return a document from a template, which finds the values in ``resources``."""
    t, places = Text(shell.language, shell.words), {"home": FRONT, "glossary": GLOSSARY, "quality": QUALITY}
    found = {name: files[shell.language] for name, files in places.items()}
    resources = {"shell": shell, "t": t, "tags": LANGUAGE_TAGS, **found, **values}
    return templates().get_template(template).render(resources=resources) + "\n"


def contents(page: str) -> list[Link]:
    """Return the sections of a page, from the h2 elements that have an id.

    Examples
    --------
    >>> contents('<h2 id="gap">Gap &amp; more</h2>')
    [Link(label='Gap & more', href='#gap', current=False, language='', nearest=False)]
    """
    return [Link(unescape(re.sub(r"<[^>]+>", "", text)), f"#{name}") for name, text in HEADING.findall(page)]


def render_files(pages: Sequence[tuple[Path, Shell, Path]]) -> list[str]:
    """Write the pages of executed notebooks, each with its shell, to the file given and return their digests."""
    for notebook, around, target in pages:
        target.write_bytes(render(notebook.read_bytes(), around).encode("utf-8"))
    return [file_digest(target) for *_made_from, target in pages]


def render(notebook: bytes, shell: Shell) -> str:
    """Return the page of an executed notebook: its sections in the shell, their code in folds.

    Links to notebooks beside it lead to the pages of the same area; without such a page only their words are left.
    Charts and tables link the list of sources where the page has one.
    """
    parts = sections_of(nbformat.reads(notebook.decode("utf-8"), as_version=4).cells, shell.language)
    page = fill("index.html.j2", shell, parts=parts, frames=frames, contents=contents)

    def link(found: re.Match[str]) -> str:
        place = shell.notebooks.get(found[1])
        return f'<a href="{escape(place)}">{found[2]}</a>' if place else found[2]

    page = BESIDE.sub(link, page)
    if 'id="data-sources"' not in page:
        return page
    found = f'<a href="#data-sources">{Text(shell.language, shell.words)("page.sources_here")}</a>'
    results, *rest = page.partition('id="provenance"')
    led = SOURCED.sub(lambda f: f"{f[1]} {found}" if f[1] else f'{f[2]}<p class="source">{found}</p>', results)
    return "".join([led, *rest])
