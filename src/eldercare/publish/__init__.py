"""Publish: run the notebooks, make pages, tables, workbook and front page, and put them in place at once."""

from eldercare.publish.notebooks import check_notebooks
from eldercare.publish.request import Request

__all__ = ["Request", "check_notebooks", "compare", "publish"]


def __getattr__(name: str):
    # Loaded on first use: checking a request needs neither the model nor the notebook machinery.
    if name == "publish":
        from eldercare.publish.publication import publish

        return publish
    if name == "compare":
        from eldercare.publish.comparison import compare

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
