"""Imported by the fork server only: everything that workers need, loaded before they are forked from it.

Nothing here starts a thread, opens a socket or keeps a figure. The inline backend of matplotlib is not among it: it
looks for the notebook's shell when it is imported.
"""

# ruff: noqa: E402, F401
import ctypes
import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl
# jsonschema does without it when it is not there; it builds a grammar for addresses that no notebook has, which takes
# longer than all the rest.
UNUSED = "rfc3987_syntax"
is_hidden = sys.modules.setdefault(UNUSED, None) is None  # type: ignore[arg-type]
gc.disable()
if sys.platform == "linux":
    # A server whose parent is killed while it loads does not load to the end first; what it forks watches by itself.
    ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)

import filelock
import IPython.core.application
import IPython.core.completerlib
import IPython.core.logger
import IPython.core.magics
import IPython.core.oinspect
import joblib
import matplotlib.backends.backend_svg
import nbformat
import pandas as pd
import pandas.io.formats.string
import papermill
from matplotlib.backends.registry import backend_registry

from eldercare import report
from eldercare.inputs.project import ROOT_VARIABLE, load_ahead
from eldercare.model import cache
from eldercare.publish import documents, engine, front, runner, tables
from eldercare.report.own import rehearse

if is_hidden:
    del sys.modules[UNUSED]
for module in iter_modules(report.__path__):
    import_module(f"eldercare.report.{module.name}")
# As where pandas is first imported in a notebook.
pd.set_option("display.max_columns", 20)
# Compiled, read or drawn when they are first used.
nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4)
documents.templates().get_template("index.html.j2")
rehearse()
backend_registry.list_all()
cache.code()
if root := os.environ.get(ROOT_VARIABLE):
    load_ahead(Path(root))
# What is loaded stays out of the garbage collection of forked processes, which would copy all memory it visits; and
# they live for seconds, so that they need not look for garbage as often (after 700 new objects).
gc.freeze()
gc.set_threshold(20_000)
gc.enable()
