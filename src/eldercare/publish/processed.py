"""data/processed: the launch state as CSV files with a datapackage.json, made by a run and read by no calculation."""

from __future__ import annotations

import os

from eldercare.inputs import Project
from eldercare.inputs.scenarios import BASELINE
from eldercare.model import Run
from eldercare.model.processed import launch_state
from eldercare.publish.dictionary import tables
from eldercare.publish.request import LANGUAGES
from eldercare.publish.tables import csv_text, datapackage
from eldercare.report.text import Text, names


def processed_files(project: Project) -> dict[str, bytes]:
    """Return the files of the launch state under the baseline, by name."""
    run = Run(None, BASELINE, project=project.apart())
    frames, described = launch_state(run), tables("processed")
    files = {f"{name}.csv": csv_text(frames[name], table) for name, table in described.items()}
    reads = run.project.reads
    used = {source for name in reads.tables for source in run.project.table(name).get("source_id", ())}
    used |= {run.settings_of(area).all[key].trail[-1].source_id for _, area, key in reads.parameters}
    texts = {language: Text(language, names(project, language)) for language in LANGUAGES}
    files["datapackage.json"] = datapackage(
        f"{project.city.id}-launch",
        {language: t("tables.processed_title") for language, t in texts.items()},
        {language: t("tables.processed_note") for language, t in texts.items()},
        [source for name, source in project.sources.items() if name in used],
        described.values(),
    )
    return {name: text.encode() for name, text in files.items()}


def write_processed(project: Project) -> None:
    """Write the launch state into data/processed, each file at once."""
    folder = project.root / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in processed_files(project).items():
        aside = folder / f".{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(folder / name)
