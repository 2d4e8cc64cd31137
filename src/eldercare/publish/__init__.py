"""Publish: run the notebooks, make pages, tables, workbook and front page, and put them in place at once."""

from importlib import import_module
from typing import TYPE_CHECKING

from eldercare.publish.request import Request

if TYPE_CHECKING:
    from eldercare.publish.comparison import compare
    from eldercare.publish.publication import publish

__all__ = ["Request", "compare", "publish"]

PLACES = {"compare": "comparison", "publish": "publication"}


def __getattr__(name: str) -> object:
    # Loaded on first use: checking a request needs neither the model nor the notebook machinery.
    if name in PLACES:
        return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
