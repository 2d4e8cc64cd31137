"""Small notebooks, made up cell by cell, for the tests of what the site shows of them."""

from __future__ import annotations

from typing import Any

import nbformat.v4 as made


def text(source: str, *tags: str, name: str = "", **more: Any) -> Any:
    """Return a Markdown cell."""
    return cell(made.new_markdown_cell(source, **more), tags, name)


def code(source: str, *tags: str, name: str = "", shows: Any = ()) -> Any:
    """Return a code cell with its outputs: data by kind, or printed text."""
    outputs = [
        made.new_output("stream", name="stdout", text=output)
        if isinstance(output, str)
        else made.new_output("display_data", output)
        for output in shows
    ]
    return cell(made.new_code_cell(source, outputs=outputs), tags, name)


def cell(node: Any, tags: tuple[str, ...], name: str) -> Any:
    node.metadata["tags"] = list(tags)
    if name:
        node.id = name
    return node
