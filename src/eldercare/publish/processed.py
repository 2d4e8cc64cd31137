"""data/processed: the launch state as CSV files with a datapackage.json, made by a run and read by no calculation."""

from __future__ import annotations

import json
import os

from eldercare.inputs import Project
from eldercare.inputs.scenarios import BASELINE
from eldercare.model import Run
from eldercare.model.processed import launch_state
from eldercare.publish.dictionary import tables
from eldercare.publish.tables import csv_text, resource, sources
from eldercare.report.text import Text


def processed_files(project: Project) -> dict[str, bytes]:
    """Return the files of the launch state under the baseline, by name."""
    run = Run(None, BASELINE, project=project.apart())
    frames, described = launch_state(run), tables("processed")
    files = {f"{name}.csv": csv_text(frames[name], table) for name, table in described.items()}
    reads = run.project.reads
    used = {source for name in reads.tables for source in run.project.table(name).get("source_id", ())}
    for _, area, key in reads.parameters:
        used.add(run.settings_of(area).all[key].trail[-1].source_id)
    city, texts = project.city.label, {language: Text(language) for language in ("en", "zh")}
    title = {language: t("tables.processed_title", city=city[language]) for language, t in texts.items()}
    about = {
        "profile": "tabular-data-package",
        "name": f"eldercare-{project.city.id}-launch".replace("_", "-"),
        "title": title["en"],
        "title_zh": title["zh"],
        "description": texts["en"]("tables.processed_note"),
        "description_zh": texts["zh"]("tables.processed_note"),
        "sources": sources(source for name, source in project.sources.items() if name in used),
        "resources": [resource(table) for table in described.values()],
    }
    files["datapackage.json"] = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    return {name: text.encode("utf-8") for name, text in files.items()}


def write_processed(project: Project) -> None:
    """Write the launch state into data/processed, each file at once."""
    folder = project.root / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in processed_files(project).items():
        aside = folder / f".{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(folder / name)
