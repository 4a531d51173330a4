"""Takes TeX apart and finds the arguments of a command. Joined again the tokens are the TeX, to the character."""

import re
from collections.abc import Sequence

_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[^{}\\]*\}|\\(?:operatorname|hspace|vspace|tag)\*|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{\s*([^{}\\]*?)\s*\}")
_CLOSING = {"{": "}", "[": "]"}


def names(words: str) -> frozenset[str]:
    """A set of commands, written with blanks between."""
    return frozenset(words.split())


def split(tex: str) -> list[str]:
    return _TOKEN.findall(tex)


def begun(token: str) -> str | None:
    """The environment that *token* begins."""
    return _environment("begin", token)


def ended(token: str) -> str | None:
    """The environment that *token* ends."""
    return _environment("end", token)


def is_command(token: str) -> bool:
    return len(token) > 1 and token[0] == "\\" and token[1].isalpha()


def skip_blanks(tokens: Sequence[str], at: int) -> int:
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return at


def group_end(tokens: Sequence[str], at: int) -> int | None:
    """Behind the group that opens at *at*; None if it does not close."""
    opening, closing = tokens[at], _CLOSING[tokens[at]]
    braces = depth = 0
    for place in range(at, len(tokens)):
        token = tokens[place]
        braces += (token == "{") - (token == "}")
        if opening == "{" or braces == 0:
            depth += (token == opening) - (token == closing)
        if depth == 0:
            return place + 1
        if braces < 0:
            return None
    return None


def argument(tokens: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """The argument at *at* without its braces, and the place behind it; None if there is none."""
    at = skip_blanks(tokens, at)
    if at == len(tokens) or tokens[at] in ("}", "&", r"\\") or ended(tokens[at]) is not None:
        return None
    if tokens[at] != "{":
        return [tokens[at]], at + 1
    end = group_end(tokens, at)
    return None if end is None else (list(tokens[at + 1 : end - 1]), end)


def option(tokens: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """The same for an optional one, in square brackets."""
    at = skip_blanks(tokens, at)
    if at == len(tokens) or tokens[at] != "[":
        return None
    end = group_end(tokens, at)
    return None if end is None else (list(tokens[at + 1 : end - 1]), end)


def _environment(verb: str, token: str) -> str | None:
    if not token.endswith("}"):  # nearly all
        return None
    match = _ENVIRONMENT.fullmatch(token) if token.startswith(f"\\{verb}") else None
    return match[2] if match else None
