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

FIGURES = str(Path(eldercare.__file__).with_name("report"))
NAMES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",
    "nbconvert.exporters",
    "papermill",
    "tornado.platform.asyncio",
    "eldercare.publish.front",
    "eldercare.publish.kernels",
    "eldercare.publish.runner",
    "eldercare.publish.tables",
    *(f"eldercare.report.{module.name}" for module in iter_modules([FIGURES])),
)
# Libraries that others load when they are there and do without when not. jsonschema builds a grammar for
# internationalised addresses with the first, longer than all the rest takes; no notebook has such a field. ipykernel
# has a debugger with the second; nobody is there to use it.
UNUSED = ("rfc3987_syntax", "debugpy")

# New objects after which they are searched for garbage; Python's own number is 700.
COLLECTED_AT = 20_000


def _load() -> None:
    gc.disable()
    hidden = [name for name in UNUSED if sys.modules.setdefault(name, None) is None]
    try:
        for name in NAMES:
            import_module(name)
    finally:
        for name in hidden:
            del sys.modules[name]
    import_module("eldercare.report.chart").rehearse()
    # What is loaded stays out of the garbage collection of forked processes, which would copy all memory it visits;
    # and they live for seconds, so that they need not look for garbage as often.
    gc.freeze()
    gc.set_threshold(COLLECTED_AT)
    gc.enable()


_load()
