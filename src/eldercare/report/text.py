"""The catalogue of every sentence and label in both languages, and numbers in each language's habit (Babel)."""

import math
import string
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata, resources

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal

from eldercare.inputs import Project
from eldercare.inputs.observed import KINDS, last_year
from eldercare.inputs.strict_yaml import read_own

LANGUAGES = ("en", "zh")
# Read once: by its name, a locale is looked for among all of them for every number.
LOCALES = {"en": Locale.parse("en_GB"), "zh": Locale.parse("zh_CN")}
# A Chinese report writes large counts in ten thousands, an English chart in thousands.
SCALES = {"en": 1_000, "zh": 10_000}
WAN = SCALES["zh"]
MINUS = "\N{MINUS SIGN}"
# No number of people or beds is as large; what is comes from a division by next to nothing.
BEYOND = 1e15


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every text by key (file stem, dot, name) and language; KeyError if a text lacks a language."""
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
    """Texts and numbers in one language, "en" or "zh".

    ``names`` are fields that every text may use, such as the name of the city and the year of its report.

    Examples
    --------
    >>> Text("en").number(12345), Text("zh").percent(0.251)
    ('12,345', '25.1%')
    """

    def __init__(self, language: str, names: Mapping[str, object] | None = None):
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: allowed are {', '.join(LANGUAGES)}")
        self.language, self.names = language, dict(names or {})

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its fields filled; raise KeyError for an unknown key or field."""
        return catalogue()[key][self.language].format(**self.names | values)

    def has(self, key: str) -> bool:
        """Say whether the catalogue has a key."""
        return key in catalogue()

    def pick(self, versions: Mapping[str, str]) -> str:
        """Return the version of a label in this language."""
        return versions[self.language]

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with thousands separators and a true minus sign; ``none`` where there is none that can be."""
        if not abs(value) < BEYOND:
            return self("page.none")
        pattern = f"#,##0.{'0' * decimals}".rstrip(".")
        return format_decimal(round(float(value), decimals) + 0.0, pattern, LOCALES[self.language]).replace("-", MINUS)

    def signed(self, value: float, decimals: int = 0) -> str:
        """Return a number with its sign.

        Examples
        --------
        >>> Text("en").signed(12.4), Text("en").signed(-0.2)
        ('+12', '0')
        """
        return ("+" if round(value, decimals) > 0 else "") + self.number(value, decimals)

    def rounded(self, value: float, digits: int = 3, *, beside: Iterable[float] = ()) -> str:
        """Return a large count rounded to significant digits, for sentences; Chinese counts in 万 (ten thousands).

        ``beside`` are all counts of the sentence, which have one notation: 万 from 10,000 on if none is below 1,000.

        Examples
        --------
        >>> Text("en").rounded(16234), Text("en").rounded(823_512)
        ('16,200', '824,000')
        >>> Text("zh").rounded(16234), Text("zh").rounded(823_512), Text("zh").rounded(9_824)
        ('1.62万', '82.4万', '9,820')
        >>> Text("zh").rounded(-1_835, beside=[16_234]), Text("zh").rounded(16_234, beside=[835])
        ('−0.18万', '16,200')
        """
        if value == 0 or not math.isfinite(value):
            return self.number(value)
        # A count that is not known (a stock never reported) decides nothing.
        sizes = [abs(count) for count in (value, *beside) if count and math.isfinite(count)]
        if self.language == "zh" and max(sizes) >= WAN and min(sizes) >= WAN / 10:
            shown = value / WAN
            text = self.number(shown, max(digits - len(str(int(abs(shown)))), 0))
            return (text.rstrip("0").rstrip(".") if "." in text else text) + "万"
        return self.number(round(value, min(digits - len(str(int(abs(value)))), 0)))

    def money(self, yuan: float, beside: Iterable[float] = ()) -> str:
        """Return an amount in million yuan, in Chinese in 亿元 where any of the sentence's amounts is, else in 万元.

        Examples
        --------
        >>> zh = Text("zh").money
        >>> Text("en").money(1.234e9), zh(1.234e9), zh(-3.21e6), zh(4e7, [2e8])
        ('1,234 million yuan', '12.3亿元', '−321万元', '0.40亿元')
        """
        if self.language == "en":
            return self("page.yuan_million", n=self.number(yuan / 1e6, 0 if abs(yuan) >= 1e7 else 1))
        if max(map(abs, (yuan, *beside))) < 1e8:
            return self("page.yuan_wan", n=self.number(yuan / 1e4))
        return self("page.yuan_yi", n=self.number(yuan / 1e8, 1 if abs(yuan) >= 1e8 else 2))

    def percent(self, share: float, decimals: int = 1) -> str:
        """Return a share as a percentage."""
        return f"{self.number(share * 100, decimals)}%" if math.isfinite(share) else self.number(share)

    def interval(self, low: float, high: float, decimals: int = 0) -> str:
        """Return an 80% interval as two numbers joined in the language's habit."""
        return self("page.from_to", low=self.number(low, decimals), high=self.number(high, decimals))

    def sentences(self, parts: Iterable[str], between: str = "space") -> str:
        """Return sentences one after the other, or parts of one between the catalogue's ``semicolon``."""
        return self(f"page.{between}").join(parts)

    def join(self, items: Iterable[str]) -> str:
        """Return a list of items as prose.

        Examples
        --------
        >>> Text("en").join(["a", "b", "c"]), Text("zh").join(["甲", "乙", "丙"])
        ('a, b and c', '甲、乙和丙')
        """
        return format_list(list(items), locale=LOCALES[self.language])


def names(project: Project, language: str) -> dict[str, object]:
    """Return the fields that every text may use: the city, its report, its years and those of its last counts."""
    city, counted = project.city, {"beds": KINDS, "points": ("meal_points",)}
    years = {name: last_year(project, *indicators) for name, indicators in counted.items()}
    count, report = catalogue()["page.count_of"][language], city.report.label[language]
    return {
        "city": project.label(city.id, language),
        "report": report,
        "version": metadata.version("eldercare"),
        **{name: label[language] for name, label in city.publication if label},
        "report_year": city.report.year,
        **{f"{name}_year": year for name, year in years.items()},
        **{f"{n}_report": report if y == city.report.year else count.format(year=y) for n, y in years.items()},
        **{name: getattr(city, name) for name in ("launch_year", "target_year", "near_year")},
    }
