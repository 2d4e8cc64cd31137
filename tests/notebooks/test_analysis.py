"""The example of own work runs as it stands, in a kernel of its own and from its own folder."""

from __future__ import annotations

from pathlib import Path

import papermill


def test_the_example_runs_from_its_folder(root: Path):
    done = papermill.execute_notebook(root / "analysis/example.ipynb", None, cwd=root / "analysis", progress_bar=False)
    shown = [output.data for cell in done.cells for output in cell.get("outputs", ()) if "data" in output]
    assert len(shown) == 4 and "<svg" in shown[2]["text/html"] and "@font-face" in shown[2]["text/html"]
