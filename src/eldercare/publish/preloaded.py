"""What workers and kernels need, loaded once: importing this module loads it all, and fills the caches of drawing.

Nothing here starts a thread, opens a socket or keeps a figure, so that a process which has loaded it can be forked.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import eldercare

FIGURES = str(Path(eldercare.__file__).with_name("figures"))
NAMES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",
    "nbconvert.exporters",
    "papermill",
    "statsmodels.tsa.exponential_smoothing.ets",
    "statsmodels.tsa.statespace.structural",
    "tornado.platform.asyncio",
    "eldercare.publish.front",
    "eldercare.publish.kernels",
    "eldercare.publish.runner",
    "eldercare.publish.tables",
    *(f"eldercare.figures.{module.name}" for module in iter_modules([FIGURES])),
)
# jsonschema builds a grammar for internationalised addresses when it is loaded, which takes it longer than all the
# rest together; it does without when the library is not there. Notebooks have no such field.
UNUSED = "rfc3987_syntax"


def _load() -> None:
    sys.modules.setdefault(UNUSED, None)
    try:
        for name in NAMES:
            import_module(name)
    finally:
        if sys.modules[UNUSED] is None:
            del sys.modules[UNUSED]
    import_module("eldercare.figures.chart").rehearse()
    # What is loaded stays out of the garbage collection of forked processes, which would copy all memory it visits.
    gc.collect()
    gc.freeze()


_load()
