"""Draw the README's picture (docs/answer.png) from the city's baseline run."""

from pathlib import Path

from eldercare.report import Page, beds

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    page = Page("beds")
    chart = beds.ratio_chart(page, beds.ratio(page.run))
    chart.figure.savefig(ROOT / "docs" / "answer.png", dpi=150)
