"""Pages: what surrounds the results on a page of the site, above all the ways to its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

from eldercare.inputs import InputError, Project
from eldercare.inputs.guards import is_inside, read_json
from eldercare.inputs.tables import state
from eldercare.publish.request import LANGUAGES, PageAddress, TableFolder
from eldercare.publish.topics import Topic, topics_of
from eldercare.report.text import Text, names

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
FRONT = {"en": "index.html", "zh": "index-zh.html"}
GLOSSARY = {"en": "glossary.html", "zh": "glossary-zh.html"}
QUALITY = {"en": "quality.html", "zh": "quality-zh.html"}
# What a reader may want to check, by the role of the notebook that has it; of the leading one, every page has its own.
CHECKS = {"sure": "site.how_sure", "main": "site.where_from", "origin": "site.what_published"}
# Folder of the briefs, below outputs and in the site, and of which inputs each was made.
BRIEFS, MADE = "briefs", "made.json"


def briefs(root: Path, outputs: Path) -> list[Path]:
    """Return the briefs that were made of the inputs as they are; one of other inputs is not for the site."""
    try:
        made, now = dict(read_json(outputs / BRIEFS / MADE, MADE)), state(root)
    except (InputError, TypeError, ValueError):
        return []
    names = sorted(name for name, of in made.items() if of == now and is_inside(name))
    return [file for name in names if (file := outputs / BRIEFS / name).is_file()]


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


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Everything around the results on a page; plain values, so that it can go to a worker.

    ``words`` are fields that every text may use, ``heading`` is also the title of the document, ``root`` is the way
    from the page to the folder of the site. ``pager`` has the neighbouring topics and areas, each with its direction
    (previous, next, previous_area, next_area), ``alike`` the other scenarios whose page this is too, with the way back
    to them, ``notebooks`` the addresses of the area's topics by notebook, ``changed`` the changed values that the page
    was made with, ``file`` the beginning of the names of what is saved from it, ``date`` the day of its run.
    """

    language: str
    words: Mapping[str, object]
    heading: str
    run_id: str
    languages: tuple[Link, ...]
    date: str = ""
    file: str = ""
    root: str = ""
    crumbs: tuple[Link, ...] = ()
    topics: tuple[Link, ...] = ()
    areas: tuple[Link, ...] = ()
    scenarios: tuple[Link, ...] = ()
    scenario: str = ""
    alike: tuple[Link, ...] = ()
    notebooks: Mapping[str, str] = field(default_factory=dict)
    pager: tuple[tuple[str, Link], ...] = ()
    checks: tuple[Link, ...] = ()
    data: tuple[Link, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Labels:
    """Names of areas and scenarios by language, and the topics, in the order in which they are shown.

    ``words`` are the fields that every text may use, by language.
    """

    areas: Mapping[str, Mapping[str, str]]
    scenarios: Mapping[str, Mapping[str, str]]
    topics: Mapping[str, Topic]
    words: Mapping[str, Mapping[str, object]]

    @classmethod
    def of(cls, project: Project, notebooks: Mapping[str, Path]) -> Labels:
        """Return the names of areas and scenarios, those that differ by people alone last, and the topics."""
        order = sorted(project.scenarios.items(), key=lambda item: item[1].is_of_population)
        return cls(
            {area: {language: project.label(area, language) for language in LANGUAGES} for area in project.areas},
            {name: scenario.label for name, scenario in order},
            topics_of(notebooks),
            {language: names(project, language) for language in LANGUAGES},
        )

    def with_role(self, role: str) -> str | None:
        """Return the notebook that has a role for the others; None where none has."""
        return next((name for name, topic in self.topics.items() if topic.role == role), None)

    @property
    def main(self) -> str:
        """The notebook that leads; the first where none says that it does."""
        return self.with_role("main") or next(iter(self.topics))


def shell(
    page: PageAddress,
    labels: Labels,
    places: Mapping[PageAddress, PageAddress],
    run_id: str,
    overrides: Mapping[str, object],
    date: str = "",
    given: Sequence[Path] = (),
) -> Shell:
    """Return what surrounds a page, which was made with changed values or none; only pages that exist are linked.

    ``places`` says where pages are: at their own address, or at that of another which they would repeat.
    Where the same page of another area, scenario or language does not exist, the link leads to the nearest that does:
    another topic of that area, then of the city, then the front page of that language. ``given`` are the briefs.
    """
    t, root, home = Text(page.language, labels.words[page.language]), "../../../", next(iter(labels.areas))
    front = f"{root}{FRONT[page.language]}"

    def link(label: str, **changes: str) -> Link:
        there, language = replace(page, **changes), changes.get("language", "")
        nearest = [(there.area, there.notebook)]
        if "notebook" not in changes:
            nearest += product((there.area, home), (there.notebook, labels.main, *labels.topics))
        near = (replace(there, area=area, notebook=notebook) for area, notebook in nearest)
        # What stands for another is that page, but nothing that is near to a third.
        found = next((places[one] for one in near if places.get(one) == one or (one == there and one in places)), None)
        place, own = f"{found.stem}.html" if found else FRONT.get(language), places.get(there)
        return Link(label, place and root + place, there == page, language, place is not None and found != own)

    topics = {name: link(topic.label[page.language], notebook=name) for name, topic in labels.topics.items()}
    areas = {name: link(label[page.language], area=name) for name, label in labels.areas.items()}
    scenarios = {name: link(label[page.language], scenario=name) for name, label in labels.scenarios.items()}
    topic, area, scenario = topics[page.notebook].label, areas[page.area].label, scenarios[page.scenario].label
    checks = []
    for role, key in CHECKS.items():
        name = labels.with_role(role)
        if role == "main":
            checks.append(Link(t(key), "#provenance"))
        elif name and name != page.notebook:
            checks.append(replace(topics[name], label=t(key)))
    alike = {}
    for name in scenarios:
        there = replace(page, scenario=name)
        if name != page.scenario and places.get(there) == page:
            # Whoever came from that scenario finds the way back to what is its own.
            own = (replace(there, notebook=notebook) for notebook in (labels.main, *labels.topics))
            back = next((f"{root}{one.stem}.html" for one in own if places.get(one) == one), None)
            alike[name] = Link(labels.scenarios[name][page.language], back)
    folder = f"{root}data/{TableFolder(page.scenario, bool(overrides)).name}"
    papers = [one for one in given if one.stem == f"{page.area}-{page.scenario}-{page.language}" and not overrides]
    return Shell(
        language=page.language,
        words=labels.words[page.language],
        heading=t("page.title", topic=topic, area=area, scenario=scenario),
        run_id=run_id,
        date=date,
        file="-".join((page.area, page.scenario, page.notebook)),
        languages=tuple(link(LANGUAGE_NAMES[name], language=name) for name in LANGUAGES),
        root=root,
        crumbs=(
            Link(t("site.home"), front),
            Link(scenario, f"{front}#{page.scenario}"),
            replace(link(area, notebook=labels.main), current=False),
            Link(topic, None, True),
        ),
        topics=tuple(topics.values()),
        areas=tuple(areas.values()),
        scenarios=tuple(link for name, link in scenarios.items() if name not in alike),
        alike=tuple(alike.values()),
        notebooks={name: link.href for name, link in topics.items() if link.href},
        scenario=scenario,
        pager=(*_neighbours(topics, page.notebook), *_neighbours(areas, page.area, "_area")),
        checks=tuple(checks),
        data=(
            *(Link(f"{name}.csv", f"{folder}/{name}.csv") for name in labels.topics[page.notebook].tables),
            Link(t("site.workbook"), f"{folder}.xlsx"),
            Link("datapackage.json", f"{folder}/datapackage.json"),
            *(Link(t(f"site.brief_{one.suffix[1:]}"), f"{root}{BRIEFS}/{one.name}") for one in papers),
        ),
        changed=tuple(f"{key} = {value}" for key, value in sorted(overrides.items())),
    )


def _neighbours(links: Mapping[str, Link], here: str, kind: str = "") -> list[tuple[str, Link]]:
    """Return the links before and after the one of this page, each with its direction."""
    place, all_ = list(links).index(here), list(links.values())
    ways = {"previous": place - 1, "next": place + 1}
    return [(f"{way}{kind}", all_[other]) for way, other in ways.items() if 0 <= other < len(all_)]
