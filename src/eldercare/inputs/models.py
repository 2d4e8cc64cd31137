"""Frozen models of the configuration files: what they share, and their faults as one clear line each."""

from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, TypeVar

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from eldercare.inputs.problems import NOTHING, InputError, Message, Problem, _, did_you_mean, kept, listed, refuse
from eldercare.inputs.strays import inputs_in
from eldercare.inputs.strict_yaml import Document, read_own, read_yaml

Model = TypeVar("Model")
Context = Mapping[str, Any]

# Closed lists, each word with its label in both languages.
_LISTS = read_own((resources.files("eldercare.inputs") / "vocabulary.yaml").read_text(encoding="utf-8"))
UNITS: dict[str, dict[str, str]] = _LISTS["units"]
DENOMINATORS: dict[str, dict[str, str]] = _LISTS["denominators"]
EVIDENCE: dict[str, dict[str, str]] = _LISTS["evidence"]

MAPPING, EMPTY = _("must be a mapping of keys to values"), _("must not be empty")
# Faults that pydantic finds by itself; its other kinds do not arise here or say themselves what is wrong.
FOUND = {
    "missing": _("is missing and must be given"),
    "string_type": _("must be a text"),
    "string_too_short": EMPTY,
    "too_short": EMPTY,
    "too_long": _("has too many entries"),
    "int_type": _("must be a whole number"),
    "bool_type": _("must be true or false"),
    "dict_type": MAPPING,
    "model_type": MAPPING,
    "list_type": _("must be a list"),
    "tuple_type": _("must be a list"),
}


class Fault(NamedTuple):
    """What is wrong at a place of an entry: message, hint, the way to the place, and what stands there."""

    message: Message
    hint: Message = NOTHING
    path: tuple[str, ...] = ()
    value: object = None


class Strict(pydantic.BaseModel):
    """Unknown keys are errors, nothing can be changed later, and what must hold together is looked at."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield what is wrong although each value alone is right; ``context`` is what else is known."""
        yield from ()

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def _whole(cls, data: Any, handler: Callable[[Any], Self], info: pydantic.ValidationInfo) -> Self:
        names = {field.alias or name for name, field in cls.model_fields.items()}
        if isinstance(data, dict) and not data.keys() <= names:
            message = _("unknown key; allowed are {names}", names=", ".join(sorted(names)))
            faults = [Fault(message, did_you_mean(key, names), (key,)) for key in data if key not in names]
        else:
            entry = handler(data)
            faults = list(entry.faults(info.context or {}))
            if not faults:
                return entry
        errors = [(PydanticCustomError("fault", "{fault}", {"fault": fault}), fault) for fault in faults]
        details = [InitErrorDetails(type=error, loc=fault.path, input=fault.value) for error, fault in errors]
        raise pydantic.ValidationError.from_exception_data("", details)


def one_of(words: Collection[str]) -> pydantic.PlainValidator:
    """Return the validator of a word from a closed list."""

    def validate(value: object) -> object:
        if not isinstance(value, str) or value not in words:
            raise ValueError(listed(words), did_you_mean(str(value), words))
        return value

    return pydantic.PlainValidator(validate)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(_("must be a number"))
    return value


def _value(value: Any) -> float | str | None:
    if value == "":
        raise ValueError(EMPTY)
    return None if value == "none" else value if isinstance(value, str) else _number(value)


def _pair(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(_("must be a list of two numbers"))
    return float(_number(value[0])), float(_number(value[1]))


Word = Annotated[str, pydantic.Field(min_length=1)]
# A word that becomes the name of a folder of the site.
Name = Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
Code = Annotated[str, pydantic.Field(pattern=r"^[0-9]{6}$")]
Number = Annotated[float, pydantic.PlainValidator(_number)]
# A number or a word; None stands for the word none, a value that is not reported.
Value = Annotated[float | str | None, pydantic.PlainValidator(_value)]
Pair = Annotated[tuple[float, float], pydantic.PlainValidator(_pair)]
# An 80% interval; None stands for the word none, a value that is not drawn.
Interval = Annotated[Pair | None, pydantic.PlainValidator(lambda value: None if value == "none" else _pair(value))]


class Texts(Strict):
    """A text in both languages."""

    en: Word
    zh: Word


# The same as a plain dict.
_as_dict = pydantic.GetPydanticSchema(lambda _t, read: core_schema.no_info_after_validator_function(dict, read(Texts)))
Label = Annotated[dict[str, str], _as_dict]


class Grounded(Strict):
    """Something that rests on a source: how good it is, which one, and where in it."""

    evidence: Annotated[str, one_of(EVIDENCE)]
    source: Word
    locator: Word
    _where: str = pydantic.PrivateAttr("")

    @property
    def where(self) -> str:
        """File and line of its value."""
        return self._where

    def faults(self, context: Context) -> Iterator[Fault]:
        """Yield a fault when the source is not registered, or is none where a fact is stated."""
        if self.source == "none" and (evidence := self.evidence) != "assumption":
            message = _("evidence {evidence} needs a source; only an assumption may have none", evidence=evidence)
            yield Fault(message, path=("source",), value=self.source)
        elif self.source not in (*context["sources"], "none"):
            yield unregistered(self.source, context["sources"], "source")


def unregistered(source: str, sources: Collection[str], *path: str) -> Fault:
    """Return the fault of a source that is not in the list of sources."""
    return Fault(_("is not registered in data/raw/sources.csv"), did_you_mean(source, sources), path, source)


def unknown_county(name: str, counties: Collection[str], *path: str) -> Fault:
    """Return the fault of a name that is no county's, with the nearest spelling."""
    message = _("unknown county; allowed are {names}", names=", ".join(counties))
    return Fault(message, did_you_mean(name, counties), path)


def check(model: type[Model], document: Document, context: Context | None = None) -> Model:
    """Return the model of a document, a `Strict` one or a dict, given what else is known; InputError: its faults."""
    try:
        return pydantic.TypeAdapter(model).validate_python(document.data, context=context)
    except pydantic.ValidationError as error:
        raise InputError(_problem(item, document) for item in error.errors(include_url=False)) from None


def _problem(item: Any, document: Document) -> Problem:
    kind, context, path = item["type"], item.get("ctx", {}), item["loc"]
    hint = NOTHING
    if kind == "fault":
        message, hint = context["fault"][:2]
    elif kind == "value_error":
        message, hint = (*context["error"].args, NOTHING)[:2]
    elif kind == "string_pattern_mismatch":
        message = _("must have the form {pattern}", pattern=context["pattern"])
    else:
        message = FOUND[kind]
    value = None if isinstance(item["input"], dict | list) or kind == "missing" else item["input"]
    return Problem(document.where(*path), ".".join(map(str, path)), value, message, hint)


def load(root: Path, name: str, model: type[Model], context: Context) -> tuple[Document, Model]:
    """Read one YAML file of a project and return it as read and as its model; InputError with its faults."""
    document = read_yaml(root / name, name)
    return document, check(model, document, context)


def load_folder(root: Path, folder: str, model: type[Model], context: Context) -> dict[str, tuple[Document, Model]]:
    """Read every YAML file of a folder, by name without ending, in order; InputError: all faults, or no file."""
    entries, problems = {}, list[Problem]()
    for file in inputs_in(root / folder, "*.yaml"):
        with kept(problems):
            entries[file.stem] = load(root, f"{folder}/{file.name}", model, {**context, "name": file.stem})
    if not entries and not problems:
        problems.append(Problem(folder, message=_("holds no file (*.yaml)")))
    refuse(problems)
    return entries
