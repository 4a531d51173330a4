"""Commands that no engine knows, shown by their names so that the rest of the formula is read."""

import re


def named(tex: str, command: str) -> str:
    """*tex* with *command* as an upright word."""
    return re.sub(re.escape(command) + r"(?![A-Za-z])", lambda _: rf"\operatorname{{{command[1:]}}}", tex)
