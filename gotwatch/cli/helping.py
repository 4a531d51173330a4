"""The help of commands, in the person's language."""

import click

from gotwatch import words


def translated(command: click.Command) -> click.Command:
    """*command* with its texts, and those of its subcommands, in the person's language."""
    if words.language() == words.ENGLISH:
        return command
    command.help = command.help and _by_paragraph(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = parameter.help and words.retell(parameter.help)
    for inner in getattr(command, "commands", {}).values():
        translated(inner)
    return command


def _by_paragraph(text: str) -> str:
    return "\n\n".join(words.retell(" ".join(paragraph.split())) for paragraph in text.split("\n\n"))
