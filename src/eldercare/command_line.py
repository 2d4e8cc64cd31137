"""How the command line reads words, and how it complains: as every other fault, with the nearest word."""

from typing import Any

import click

from eldercare.inputs.problems import NOTHING, InputError, Problem, _, did_you_mean, listed


class Word(click.Choice):
    """One of some words; another one is told with the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word."""
        if value not in self.choices:
            raise InputError(Problem(_name(param), "", value, listed(self.choices), did_you_mean(value, self.choices)))
        return value


class Whole(click.ParamType):
    """A whole number from a least one, to a greatest one where there is one."""

    name = "whole number"

    def __init__(self, least: int, most: int | None = None):
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        if isinstance(value, int):
            return value
        if not value.isdecimal() or int(value) < self.least or (self.most and int(value) > self.most):
            message = _("a whole number from {least} is allowed", least=self.least)
            if self.most:
                message = _("a whole number from {low:g} to {high:g} is allowed", low=self.least, high=self.most)
            raise InputError(Problem(_name(param), "", value, message))
        return int(value)


def _name(param: click.Parameter | None) -> str:
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name if param else ""


class Command(click.Command):
    """A command whose options of several values take them one after the other or one by one: --area A B, --area A."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words, and complain about those that are left over."""
        several = {name for param in self.params if param.multiple for name in param.opts}
        spelled, option = list[str](), ""
        for word in args:
            if word.startswith("-"):
                option = word if word in several else ""
            elif option and spelled[-1] != option:
                spelled.append(option)
            spelled.append(word)
        try:
            for word in super().parse_args(ctx, spelled):
                raise _unknown(ctx, word)
        except click.UsageError as error:
            error.ctx = ctx
            raise
        return []


class Group(click.Group):
    """The commands, of the class above."""

    command_class = Command


def _unknown(ctx: click.Context, word: str) -> InputError:
    known = [name for param in ctx.command.get_params(ctx) for name in param.opts if name.startswith("-")]
    message = _("unknown option or word {word!r}", word=word)
    return InputError(Problem(ctx.command_path, message=message, hint=did_you_mean(word, known)))


def misused(error: click.UsageError, group: click.Group) -> InputError:
    """Return a complaint of click in our own form."""
    ctx, known = error.ctx or click.Context(group, info_name="eldercare"), group.commands
    names, key, hint = ", ".join(known), "", NOTHING
    if isinstance(error, click.NoSuchOption):
        return _unknown(ctx, error.option_name)
    if isinstance(error, click.NoSuchCommand):
        message = _("unknown word {word!r}; allowed are {names}", word=error.command_name, names=names)
        hint = did_you_mean(error.command_name, known)
    elif isinstance(error, click.MissingParameter) and error.param:
        key, message = error.param.human_readable_name, _("is missing and must be given")
    elif isinstance(error, click.BadOptionUsage):
        flags = [name for param in ctx.command.params if getattr(param, "is_flag", False) for name in param.opts]
        key, message = error.option_name, _("takes no value") if error.option_name in flags else _("needs a value")
    else:
        message = _("needs a command: {names}", names=names)
    return InputError(Problem(ctx.command_path, key, None, message, hint))
