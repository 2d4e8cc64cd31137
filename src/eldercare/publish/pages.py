"""Pages: executed notebooks as HTML documents of the site, with links to their neighbours."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape, unescape
from importlib import resources
from pathlib import Path

from eldercare.publish.request import LANGUAGES, Unit
from eldercare.report.html import Html, element
from eldercare.report.text import Text

LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
STEM = "{language}/{scenario}/{area}/{notebook}"
FRONT = {"en": "index.html", "zh": "index.zh.html"}
# Tables that stand behind the results of a notebook; others are one click further, in the workbook.
TABLES_OF = {
    "02_population": ("population",),
    "03_beds": ("beds", "crossing"),
    "04_meals": ("meals",),
    "05_services": ("services",),
}
# Pages that say how sure a number is, and what it rests on.
SURE, ORIGIN = "07_reliability", "01_evidence"
# The topic that leads: where a link goes when the page it is for was not made.
MAIN = "03_beds"
CHART = re.compile(r'(<figure [^>]*\bid="chart-.*?)(</figure>)', re.S)
SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.S)
MARKUP = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Link:
    """A place to go: its label, its relative address (None when it does not exist), whether the reader is there.

    ``nearest`` says that the page itself does not exist and that the address is of the one closest to it.
    """

    label: str
    href: str | None = None
    current: bool = False
    language: str = ""
    nearest: bool = False


@dataclass(frozen=True)
class Shell:
    """Everything around the results on a page; plain values, so that it can go to a worker.

    Attributes
    ----------
    language : str
    title : str
        Title of the document.
    root : str
        Way from the page to the folder of the site.
    crumbs, topics, areas, scenarios, languages : tuple of Link
    previous, next : Link, optional
        Neighbouring topics.
    previous_area, next_area : Link, optional
        Neighbouring areas, same topic.
    scenario : str
        Name of the scenario.
    checks : tuple of Link
        Where the page says how sure it is and where its numbers come from.
    data : tuple of Link
        Tables and workbook.
    run_id : str
        Run that executed the notebook.
    changed : bool
        Whether the page was made with changed values.
    """

    language: str
    title: str
    root: str
    crumbs: tuple[Link, ...]
    topics: tuple[Link, ...]
    areas: tuple[Link, ...]
    scenarios: tuple[Link, ...]
    languages: tuple[Link, ...]
    previous: Link | None
    next: Link | None
    previous_area: Link | None
    next_area: Link | None
    scenario: str
    checks: tuple[Link, ...]
    data: tuple[Link, ...]
    run_id: str
    changed: bool


@dataclass(frozen=True)
class Labels:
    """Names of areas, scenarios and topics by language, in the order in which they are shown."""

    areas: Mapping[str, Mapping[str, str]]
    scenarios: Mapping[str, Mapping[str, str]]
    topics: Mapping[str, Mapping[str, str]]


def topic_label(notebook: str, language: str) -> str:
    """Return the name of a notebook's topic; the name of the file where the catalogue has none."""
    t = Text(language)
    return t(f"page.topic_{notebook}") if t.has(f"page.topic_{notebook}") else notebook


def shell(unit: Unit, labels: Labels, pages: Collection[str], run_id: str) -> Shell:
    """Return what surrounds the page of a unit; only pages that exist are linked.

    Where the same page of another area, scenario or language does not exist, the link leads to the nearest that does:
    another topic of that area, then of the city, then the front page of that language.

    Parameters
    ----------
    unit : Unit
    labels : Labels
    pages : collection of str
        Stems of all pages of the site.
    run_id : str
    """
    t = Text(unit.language)
    root = "../../../"

    def link(label: str, *, language: str = "", **changes: str) -> Link:
        place = {"language": unit.language, "scenario": unit.scenario, "area": unit.area, "notebook": unit.notebook}
        place |= changes | ({"language": language} if language else {})
        stem = STEM.format(**place)
        if stem in pages:
            return Link(label, f"{root}{stem}.html", stem == unit.stem, language)
        near = None if "notebook" in changes else _nearest(place, labels, pages)
        if near is None and language:
            near = FRONT[language]
        return Link(label, near and f"{root}{near}", False, language, near is not None)

    area = labels.areas[unit.area][unit.language]
    scenario = labels.scenarios[unit.scenario][unit.language]
    topic = labels.topics[unit.notebook][unit.language]
    front = f"{root}{FRONT[unit.language]}"
    topics = tuple(link(names[unit.language], notebook=name) for name, names in labels.topics.items())
    areas = tuple(link(names[unit.language], area=name) for name, names in labels.areas.items())
    here, place = list(labels.topics).index(unit.notebook), list(labels.areas).index(unit.area)
    sure, origin = (dict(zip(labels.topics, topics, strict=True)).get(name) for name in (SURE, ORIGIN))
    folder = unit.scenario + ("+set" if unit.overrides else "")
    return Shell(
        language=unit.language,
        title=f"{t('page.title', topic=topic, area=area, scenario=scenario)} · {t('site.name')}",
        root=root,
        crumbs=(
            Link(t("site.home"), front),
            Link(scenario, f"{front}#{unit.scenario}"),
            Link(area, f"{front}#{unit.scenario}-{unit.area}"),
            Link(topic, None, True),
        ),
        topics=topics,
        areas=areas,
        scenarios=tuple(link(names[unit.language], scenario=name) for name, names in labels.scenarios.items()),
        languages=tuple(link(LANGUAGE_NAMES[name], language=name) for name in LANGUAGES),
        previous=topics[here - 1] if here > 0 else None,
        next=topics[here + 1] if here + 1 < len(topics) else None,
        previous_area=areas[place - 1] if place > 0 else None,
        next_area=areas[place + 1] if place + 1 < len(areas) else None,
        scenario=scenario,
        checks=(
            *((replace(sure, label=t("site.how_sure")),) if sure and not sure.current else ()),
            Link(t("site.where_from"), "#provenance"),
            *((replace(origin, label=t("site.what_published")),) if origin and not origin.current else ()),
        ),
        data=(
            *(Link(f"{name}.csv", f"{root}data/{folder}/{name}.csv") for name in TABLES_OF.get(unit.notebook, ())),
            Link(t("site.workbook"), f"{root}data/{folder}.xlsx"),
            Link("datapackage.json", f"{root}data/{folder}/datapackage.json"),
        ),
        run_id=run_id,
        changed=bool(unit.overrides),
    )


def _nearest(place: Mapping[str, str], labels: Labels, pages: Collection[str]) -> str | None:
    """Return the address below the site of the page that comes closest to one that does not exist."""
    for area in (place["area"], next(iter(labels.areas))):
        for notebook in (place["notebook"], MAIN, *labels.topics):
            stem = STEM.format(**{**place, "area": area, "notebook": notebook})
            if stem in pages:
                return f"{stem}.html"
    return None


def templates() -> Path:
    """Return the folder of the templates."""
    return Path(str(resources.files("eldercare.publish") / "templates"))


@cache
def _exporter():
    # Made once per process: reading the templates costs more than filling them.
    from nbconvert.exporters import TemplateExporter
    from traitlets import default

    class SiteExporter(TemplateExporter):
        """Exporter whose templates escape every value; the notebook is taken as it is."""

        @default("default_preprocessors")
        def _no_preprocessors(self) -> list:
            return []

        def _create_environment(self):
            environment = super()._create_environment()
            environment.autoescape = True
            return environment

    return SiteExporter(
        template_name="eldercare",
        template_file="index.html.j2",
        extra_template_basedirs=[str(templates())],
    )


def fill(template: str, shell: Shell, **values: object) -> str:
    """Return a document from a template that needs no notebook."""
    return _tidy(_exporter().environment.get_template(template).render(resources=_resources(shell) | values))


def _resources(shell: Shell) -> dict[str, object]:
    return {"shell": shell, "t": Text(shell.language), "tags": LANGUAGE_TAGS, "front": FRONT[shell.language]}


def _tidy(document: str) -> str:
    return "\n".join(line for line in document.splitlines() if line.strip()) + "\n"


def sections(bodies: Collection[str]) -> tuple[Link, ...]:
    """Return the sections of a page, from the h2 elements that have an id.

    Examples
    --------
    >>> sections(['<h2 id="gap">Gap &amp; more</h2>'])
    (Link(label='Gap & more', href='#gap', current=False, language='', nearest=False),)
    """
    return tuple(
        Link(unescape(MARKUP.sub("", text)), f"#{name}") for body in bodies for name, text in SECTION.findall(body)
    )


def render(notebook: bytes, shell: Shell) -> str:
    """Return the page of an executed notebook: its HTML outputs in the shell, without code."""
    import nbformat

    node = nbformat.reads(notebook.decode("utf-8"), as_version=4)
    bodies = [
        "".join(output.data["text/html"])
        for cell in node.cells
        if "guide" not in cell.metadata.get("tags", ())
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    links = " · ".join(element("a", link.label, href=link.href) for link in shell.data if link.href)
    files = element("p", Html(f"{escape(Text(shell.language)('site.tables'))} {links}"), cls="files")
    bodies = [CHART.sub(lambda found: f"{found[1]}{files}{found[2]}", body) for body in bodies]
    about = _resources(shell) | {"sections": sections(bodies), "bodies": bodies}
    about["script"] = any('class="what-if"' in body for body in bodies)
    page, _ = _exporter().from_notebook_node(node, resources=about)
    return _tidy(page)
