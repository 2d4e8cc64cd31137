"""Documents of the site: what of a notebook's cells stands on its page, in which order, and the templates around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from importlib import resources
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets import default

from eldercare.publish.pages import FRONT, Link, Shell
from eldercare.publish.topics import first_heading, is_published
from eldercare.report.text import Text

LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
CHART = re.compile(r'(<figure [^>]*\bid="chart-.*?)(</figure>)', re.S)
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.S)
# The end of a line between two Chinese characters.
BROKEN = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])\n(?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])")
FRAME = re.compile(r'<div>\s*<style scoped>.*?</style>\s*<table border="1" class="dataframe">(.*?)</table>', re.S)

# An output may carry this beside its HTML: the form for the site, where JupyterLab gets the other.
SITE_HTML = "application/vnd.eldercare.site+html"
# What of an output is shown: the first kind that it has.
KINDS = (SITE_HTML, "text/html", "image/svg+xml", "image/png", "text/plain")

Output = Mapping[str, str]


@dataclass
class Section:
    """A part of a page: findings first, then text and other outputs, then how they were computed.

    Attributes
    ----------
    name : str
        Id of its heading, the same in every language.
    title : Markup
        Empty for what stands before the first heading, or outside of sections.
    findings, shown : list of Output
        What is shown at once, by kind; text as HTML for the site.
    steps : list of (str, list of Output)
        What stands in the fold: code, and its outputs where they are numbers behind the results.
    pictures : list of bool
        Whether each of its pictures and findings is there: without any, as a comparison of counties on a county's
        page, the section is left out.
    """

    name: str = ""
    title: Markup = Markup()
    findings: list[Output] = field(default_factory=list)
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
    """Return the sections of a notebook's page in one language.

    Parameters
    ----------
    cells : sequence of notebook nodes
        Of an executed notebook.
    language : {"en", "zh"}
    """
    sections, is_titled = [Section()], False
    for number, cell in enumerate(cells):
        tags = cell.metadata.get("tags", ())
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
                sections[-1].shown.append({SITE_HTML: markdown(text, cell.get("attachments"))})
        elif cell.cell_type == "code":
            outputs = list(shown_outputs(cell.outputs))
            if "page" in tags:
                # What the page itself brings belongs to no section: the fold of the one before comes first.
                sections += [Section(shown=outputs), Section()] if outputs else []
                continue
            is_numbers = "numbers" in tags
            own = sections[-1]
            if {"picture", "finding"} & {*tags}:
                own.pictures.append(bool(outputs))
            if cell.source.strip():
                own.steps.append((cell.source, outputs if is_numbers else []))
            if not is_numbers:
                (own.findings if "finding" in tags else own.shown).extend(outputs)
    return [part for part in sections if any(part.pictures) or not (part.name and part.pictures)]


def shown_outputs(outputs: Iterable[Any]) -> Iterable[Output]:
    """Yield of each output the kind that the site shows."""
    for output in outputs:
        data = {"text/plain": output.text} if output.output_type == "stream" else output.get("data", {})
        kind = next((kind for kind in KINDS if kind in data), None)
        if kind and "".join(data[kind]).strip():
            about = output.get("metadata", {}).get(kind, {})
            yield {kind: data[kind], "alt": about.get("alt", "")}


def frames(html: str, label: str) -> Markup:
    """Return HTML with pandas' frames in boxes that can be moved sideways and take their look from the site.

    Examples
    --------
    >>> print(frames('<div><style scoped>x</style><table border="1" class="dataframe"></table></div>', "Numbers"))
    <div class="table-box" role="group" tabindex="0" aria-label="Numbers"><table class="dataframe"></table></div>
    """
    box = f'<div class="table-box" role="group" tabindex="0" aria-label="{escape(label)}">'

    def table(found: re.Match[str]) -> str:
        # An empty corner is no heading of anything.
        return f'{box}<table class="dataframe">{found[1].replace("<th></th>", "<td></td>")}</table>'

    return Markup(FRAME.sub(table, html))


class SiteExporter(TemplateExporter):
    """nbconvert's exporter with templates that escape every value; the notebook is taken as it is."""

    @default("default_preprocessors")
    def _no_preprocessors(self) -> list[object]:
        return []

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.autoescape = environment.trim_blocks = environment.lstrip_blocks = True
        return environment


@cache
def exporter() -> SiteExporter:
    """Return the exporter, made once per process: reading the templates costs more than filling them."""
    return SiteExporter(
        template_name="eldercare",
        template_file="index.html.j2",
        extra_template_basedirs=[str(Path(str(resources.files("eldercare.publish"))) / "templates")],
    )


def fill(template: str, shell: Shell, **values: object) -> str:
    """Return a document from a template that needs no notebook."""
    return exporter().environment.get_template(template).render(resources=_resources(shell) | values) + "\n"


def _resources(shell: Shell) -> dict[str, object]:
    t, home = Text(shell.language, shell.words), FRONT[shell.language]
    return {"shell": shell, "t": t, "tags": LANGUAGE_TAGS, "home": home}


def contents(page: str) -> list[Link]:
    """Return the sections of a page, from the h2 elements that have an id.

    Examples
    --------
    >>> contents('<h2 id="gap">Gap &amp; more</h2>')
    [Link(label='Gap & more', href='#gap', current=False, language='', nearest=False)]
    """
    return [Link(unescape(re.sub(r"<[^>]+>", "", text)), f"#{name}") for name, text in HEADING.findall(page)]


def with_files(page: str, files: str) -> Markup:
    """Return a page with a line below each of its charts that leads to the tables."""
    return Markup(CHART.sub(lambda found: f"{found[1]}{files}{found[2]}", page))


def render(notebook: bytes, shell: Shell) -> str:
    """Return the page of an executed notebook: its sections in the shell, their code in folds."""
    node = nbformat.reads(notebook.decode("utf-8"), as_version=4)
    parts = {"parts": sections_of(node.cells, shell.language)}
    helpers = {"frames": frames, "contents": contents, "with_files": with_files}
    page, _ = exporter().from_notebook_node(node, resources=_resources(shell) | parts | helpers)
    return page + "\n"
