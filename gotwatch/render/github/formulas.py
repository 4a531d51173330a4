r"""TeX between dollars, so that the programs that know such formulas find where they end, and Markdown finds none."""

import re

from gotwatch.render.github.literal import escaped

_BARE_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%")  # TeX would take the rest for a comment
_BARE_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$")
_OPENS_TAG_OR_NAME = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_BARS = re.compile(r"\\\||\|")
_ENDS = re.compile(r"\n\s*(?=[-+=>#*|~`:\d]|\n)|\n\s*\Z")  # a line that Markdown would take for its own


def inline(tex: str) -> str:
    plain = _settled(" ".join(tex.split()))
    if not plain:
        return ""
    return escaped(tex) if _BARE_DOLLAR.search(plain) else f"${plain}$"


def display(tex: str) -> list[str]:
    plain = _settled(_ENDS.sub(" ", tex.strip()))
    lines = [line.strip() for line in plain.split("\n")]
    return ["$$", *lines, "$$"] if plain else []


def without_bars(formula: str) -> str:
    """For a cell of a table, where a bar begins the next one."""
    return _BARS.sub(lambda bar: r"\Vert " if bar[0] == r"\|" else r"\vert ", formula)


def _settled(tex: str) -> str:
    """A program that knows no formulas must find neither tags, names of characters nor links in it."""
    escaped_percents = _BARE_PERCENT.sub(r"\1\%", tex)
    return _OPENS_TAG_OR_NAME.sub(r"\g<0> ", escaped_percents).replace("](", "] (")
