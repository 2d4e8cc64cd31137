"""Publication: one run from the checked request to the exchanged site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from time import perf_counter

from eldercare.inputs import Project
from eldercare.publish.keys import Keys, digest, file_digest, tree_digests, versions
from eldercare.publish.manifest import PageRecord, State, TableRecord, manifest_text, newest, next_run_id
from eldercare.publish.pages import FRONT, Labels, Shell, render, shell, topic_label
from eldercare.publish.pool import run_all, workers
from eldercare.publish.reporter import Reporter
from eldercare.publish.request import (
    CITY, LANGUAGES, Request, Unit, areas_of, check, cores, notebooks_of, plan_units, typed_overrides,
)
from eldercare.publish.runner import Outcome, Task, environment, execute
from eldercare.publish.staging import Staging, locked, recover

DONE, FAILED, INTERRUPTED = 0, 1, 130
