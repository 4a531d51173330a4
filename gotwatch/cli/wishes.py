"""The options by which a person says how a page shall be read, and by which engine."""

import functools
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import click

from gotwatch.config.settings import MOST_NEW_TOKENS, Asked
from gotwatch.config.values import check_device
from gotwatch.documents import BoxBy, Color, Mode, PromptStyle
from gotwatch.engine.base import Precision
from gotwatch.words import marked

Command = Callable[..., Any]


def _box(value: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-9]{1,9}(, ?[0-9]{1,9})*", value):
        raise click.BadParameter(marked(f"{value!r} is no box; write X1,Y1,X2,Y2 or X,Y, in pixels"))
    return tuple(map(int, value.split(",")))


def _device(value: str) -> str:
    try:
        return check_device(value)
    except ValueError as exc:
        raise click.BadParameter(f"{value!r} {exc}") from exc


def _one_of(kind: type[StrEnum]) -> "click.Choice[str]":
    return click.Choice([member.value for member in kind])


_ASKED = (
    click.option("--mode", type=_one_of(Mode), help="Plain text, the default, or with formulas and tables as markup."),
    click.option(
        "--box",
        type=_box,
        metavar="X1,Y1,X2,Y2",
        help="Read only this part, in pixels of the upright page; X,Y is a point.",
    ),
    click.option("--box-by", type=_one_of(BoxBy), help="Show the model the box alone, the default, or tell it of it."),
    click.option("--color", type=_one_of(Color), help="Read only text of this colour."),
    click.option("--crop", is_flag=True, help="Show each page in up to 6 tiles too."),
    click.option("--multi-page", is_flag=True, help="Read several pages in one go, with format."),
    click.option("--prompt-style", type=_one_of(PromptStyle), help="Whose spaces the prompt has: training by default."),
    click.option("--trim", is_flag=True, help="Leave empty margins off before the model looks."),
    click.option("--strips", is_flag=True, help="Read a very long image in pieces, one after the other."),
    click.option("--max-new-tokens", type=click.IntRange(1, MOST_NEW_TOKENS), help="The longest text of a page."),
    click.option("--retry/--no-retry", default=True, help="Try once in another way where the model got lost."),
)
_ENGINE = {
    "name": click.option(
        "--engine", "name", help="auto, got, got-hf, paddle or module:Class, instead of the config's."
    ),
    "checkpoint": click.option("--checkpoint", help="A folder or hub name, instead of the config's."),
    "device": click.option(
        "--device", type=_device, metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps, instead of the config's."
    ),
    "precision": click.option(
        "--precision", type=_one_of(Precision), help="The numbers to compute in, instead of the config's."
    ),
}


def with_asked(command: Command) -> Command:
    """Give *command* an Asked, as `asked`."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        return command(*args, asked=Asked(**_taken(kwargs, list(Asked.model_fields))), **kwargs)

    return _with_options(run, _ASKED)


def with_engine(*settings: str) -> Callable[[Command], Command]:
    """Give a command what shall differ from the config's [engine] in these settings, as `engine`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(*args: Any, **kwargs: Any) -> Any:
            changes = _taken(kwargs, settings)
            if device := changes.get("device"):
                changes["device"] = (device,)
            return command(*args, engine=changes, **kwargs)

        return _with_options(run, [_ENGINE[name] for name in settings])

    return decorate


def _taken(kwargs: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What was given of *names*, taken out of *kwargs*."""
    values = {name: kwargs.pop(name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _with_options(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
