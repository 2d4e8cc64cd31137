"""The catalogue of every sentence and label in both languages, and numbers in each language's habit."""

from __future__ import annotations

import string
from functools import cache
from importlib import resources

from eldercare.inputs.strict_yaml import read_own

LANGUAGES = ("en", "zh")
# A Chinese report writes large counts in ten thousands.
WAN = 10_000


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every text by key (file stem, dot, name) and language.

    Raises
    ------
    KeyError
        If a text lacks a language.
    """
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("eldercare.report").joinpath("text").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        stem = file.name.removesuffix(".yaml")
        for name, versions in read_own(file.read_text(encoding="utf-8")).items():
            if set(versions) != set(LANGUAGES):
                raise KeyError(f"text {stem}.{name}: needs exactly the languages {', '.join(LANGUAGES)}")
            texts[f"{stem}.{name}"] = {language: str(versions[language]) for language in LANGUAGES}
    return texts


def placeholders(template: str) -> set[str]:
    """Return the names of the fields of a text.

    Examples
    --------
    >>> sorted(placeholders("{a} of {b}"))
    ['a', 'b']
    """
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


class Text:
    """Texts and numbers in one language.

    Parameters
    ----------
    language : {"en", "zh"}

    Examples
    --------
    >>> Text("en").number(39467), Text("zh").percent(0.251)
    ('39,467', '25.1%')
    """

    def __init__(self, language: str):
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: allowed are {', '.join(LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its fields filled; raise KeyError for an unknown key or field."""
        template = catalogue()[key][self.language]
        return template.format(**values)

    def has(self, key: str) -> bool:
        """Say whether the catalogue has a key."""
        return key in catalogue()

    def pick(self, versions: dict[str, str]) -> str:
        """Return the version of a label in this language."""
        return versions[self.language]

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with thousands separators and a true minus sign."""
        text = f"{value:,.{decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        return text.replace("-", "\N{MINUS SIGN}")

    def rounded(self, value: float, digits: int = 3) -> str:
        """Return a large count rounded to significant digits, for sentences; Chinese counts in 万 (ten thousands).

        Examples
        --------
        >>> Text("en").rounded(16234), Text("en").rounded(823_512)
        ('16,200', '824,000')
        >>> Text("zh").rounded(16234), Text("zh").rounded(823_512), Text("zh").rounded(9_824)
        ('1.62万', '82.4万', '9,820')
        """
        if value == 0:
            return "0"
        if self.language == "zh" and abs(value) >= WAN:
            shown = value / WAN
            text = self.number(shown, max(digits - len(str(int(abs(shown)))), 0))
            return (text.rstrip("0").rstrip(".") if "." in text else text) + "万"
        magnitude = len(str(int(abs(value))))
        return self.number(round(value, min(digits - magnitude, 0)))

    def percent(self, share: float, decimals: int = 1) -> str:
        """Return a share as a percentage."""
        return f"{self.number(share * 100, decimals)}%"

    def interval(self, low: float, high: float, decimals: int = 0) -> str:
        """Return an 80% interval as two numbers joined in the language's habit."""
        joint = " to " if self.language == "en" else "至"
        return f"{self.number(low, decimals)}{joint}{self.number(high, decimals)}"

    def join(self, items: list[str]) -> str:
        """Return a list of items as prose."""
        if self.language == "zh":
            return "、".join(items)
        return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
