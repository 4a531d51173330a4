"""The help of commands, in the person's language."""

import copy

import click

from gotwatch import words


def translated(command: click.Command) -> click.Command:
    """*command* with its texts, and those of its subcommands, in the person's language."""
    if words.language() == words.ENGLISH:
        return command
    spoken = copy.copy(command)
    spoken.help = command.help and _by_paragraph(command.help)
    spoken.params = [_parameter(parameter) for parameter in command.params]
    if isinstance(spoken, click.Group):
        spoken.commands = {name: translated(inner) for name, inner in spoken.commands.items()}
    return spoken


def _parameter(parameter: click.Parameter) -> click.Parameter:
    spoken = copy.copy(parameter)
    if isinstance(spoken, click.Option):
        spoken.help = spoken.help and words.retell(spoken.help)
    return spoken


def _by_paragraph(text: str) -> str:
    return "\n\n".join(words.retell(" ".join(paragraph.split())) for paragraph in text.split("\n\n"))
