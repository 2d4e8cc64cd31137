"""Draw the README's picture (docs/answer.png) from the city's baseline run."""

from pathlib import Path

from eldercare.report import Page, beds

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    chart = beds.ratio_chart(Page("03_beds", "huzhou", "baseline", language="en"))
    (ROOT / "docs" / "answer.png").write_bytes(chart.png(dpi=150))
