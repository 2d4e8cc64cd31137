"""Files beside the inputs: those of other programs are passed over, unread ones that look like an input are told."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from eldercare.inputs.problems import Message, Problem, _, did_you_mean

# What editors, spreadsheet programs, file managers and JupyterLab leave behind.
OTHERS = re.compile(r"\..*|~\$.*|.*~|#.*#|__pycache__|thumbs\.db|desktop\.ini", re.IGNORECASE)
NOTEBOOK = re.compile(r"[a-z0-9][a-z0-9_]{0,79}")
CONFIG = ("counties", "parameters", "scenarios")
# The folder of the suite, from which the package is installed.
SUITE = Path(__file__).parents[3]
# A plain value that is text for readers, cut by what YAML takes for a comment.
CUT = re.compile(r"[\s-]*(locator|denominator|unit|en|zh): +([^\s'\"#|>{\[][^#]*?) +#.*")


def inputs_in(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder by pattern, in the order of names, without those of other programs."""
    return sorted(file for file in folder.glob(pattern) if not OTHERS.fullmatch(file.name))


def folders(root: Path) -> dict[str, Path]:
    """Return what a project is made from; one without notebooks of its own has those of the suite."""
    own = {name: root / name for name in ("config", "data/raw", "notebooks")}
    return own if own["notebooks"].is_dir() else own | {"notebooks": SUITE / "notebooks"}


def notebooks_in(root: Path) -> list[Path]:
    """Return the notebooks of a project, without scratch copies such as Untitled.ipynb and 03_beds-Copy1.ipynb."""
    return [file for file in inputs_in(folders(root)["notebooks"], "*.ipynb") if NOTEBOOK.fullmatch(file.stem)]


def strays(root: Path, described: Iterable[str]) -> Iterator[Problem]:
    """Yield a remark for each file or folder that is not read though it looks like an input, and texts cut short."""
    settings = [root / "config/city.yaml", *(f for one in CONFIG for f in inputs_in(root / "config" / one, "*.yaml"))]
    known = ", ".join(f"config/{name}" for name in CONFIG)
    rules: dict[str, tuple[Iterable[Path], str, Message]] = {}
    message = _("not read; read are config/city.yaml and names ending in .yaml in {folders}", folders=known)
    rules["config"] = settings, r".*(?<!\.md)", message
    message = _("not described in {file}, and so not read", file="data/raw/datapackage.json")
    rules["data/raw"] = [root / "data/raw" / name for name in described], r".+\.(csv|tsv|xlsx?|ods)(\..*)?", message
    message = _("no page; a notebook's name has up to 80 small letters, digits and underscores")
    rules["notebooks"] = notebooks_in(root), r".*\.ipynb.*", message
    for folder, (read, looks, message) in rules.items():
        names = {part for file in read if root in file.parents for part in file.relative_to(root / folder).parts}
        for path in _unread(root / folder, set(read), re.compile(looks, re.IGNORECASE | re.DOTALL)):
            yield Problem(path.relative_to(root).as_posix(), message=message, hint=did_you_mean(path.name, names))
    for file in settings:
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
            if cut := CUT.fullmatch(line):
                message = _("what follows ' #' is a comment and not part of the text; put the text in quotes if it is")
                yield Problem(f"{file.relative_to(root).as_posix()}:{number}", cut[1], cut[2], message)


def _unread(folder: Path, read: set[Path], looks: re.Pattern[str]) -> Iterator[Path]:
    """Yield what is named like an input and not read; a folder of which nothing is read once, without its files."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if OTHERS.fullmatch(path.name) or path in read:
            continue
        if not path.is_dir() or path.is_symlink():
            yield from [path] if looks.fullmatch(path.name) else []
        elif any(path in file.parents for file in read):
            yield from _unread(path, read, looks)
        elif any(_unread(path, read, looks)):
            yield path
