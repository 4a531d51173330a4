"""Markup that is understood and shows nothing by itself, told from the page's words without the parser's help."""

import re
from collections.abc import Iterable, Iterator

from gotwatch.render.grammar.vocabulary import (
    FAMILIES,
    FRONT,
    HEADINGS,
    HORIZONTAL_LINES,
    LAYOUT_ARGUMENTS,
    PARTIAL_LINES,
    SILENT,
    SPACES,
    STYLES,
    SWITCHES,
    SYMBOLS,
    TRANSPARENT,
    Family,
)

_LENGTH = r"-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\[a-z]+)"
_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_LAYOUT_GROUP = r"\{\s*[^\s{}$]*(?:\s+[^\s{}$]*){0,3}\}"
_SETTINGS = rf"(?:\s*\[\s*(?:[!htbpHcrl]{{1,6}}|{_LENGTH}|[^=\[\]\n]{{1,20}}=[^\n]*?)\s*\](?!\]))?"


def _one_of(names: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(names, key=len, reverse=True)) + r")\*?(?![A-Za-z])"


def _with_arguments(counts: dict[str, int]) -> Iterator[re.Pattern[str]]:
    for count in sorted(set(counts.values()), reverse=True):
        names = _one_of(name for name, own in counts.items() if own == count)
        settings = _SETTINGS if count else ""
        yield re.compile(rf"\\{names}{settings}(?:[ \t]*\n?[ \t]*{_LAYOUT_GROUP}){{{count}}}")


_TABLES = frozenset(name for name, family in FAMILIES.items() if family is Family.TABLE)
_ALIGNMENT = r"\{(?:[\s|lcrpmbLCRXSJ*@!><]|" + _GROUP + r")*\}"
_MARKUP = (
    re.compile(rf"\\\\\*?\s*\[\s*{_LENGTH}\s*\]"),
    re.compile(
        rf"\\begin\s*\{{\s*{_one_of(_TABLES)}\s*\}}{_SETTINGS}(?:\s*{_LAYOUT_GROUP})??"
        rf"(?:\s*{_ALIGNMENT}|\s*\{{[|lcr \t]*)?"
    ),
    *(
        re.compile(rf"\\begin\s*\{{\s*{name}\*?\s*\}}{_SETTINGS}(?:\s*{_LAYOUT_GROUP}){{{count}}}")
        for name, count in LAYOUT_ARGUMENTS.items()
    ),
    re.compile(r"\\begin\s*\{\s*enumerate\*?\s*\}\s*\[\s*[(\[]?[aAiI1][.):\]]{0,2}\s*\]"),
    re.compile(rf"\\begin\s*\{{\s*{_one_of(FAMILIES)}\s*\}}{_SETTINGS}"),
    re.compile(rf"\\end\s*\{{\s*{_one_of(FAMILIES)}\s*\}}"),
    re.compile(rf"\\multicolumn\s*\{{\s*\d+\s*\}}\s*{_ALIGNMENT}"),
    re.compile(rf"\\multirow\s*(?:\[\S*?\]\s*)?\{{\s*-?\d+\s*\}}\s*(?:\[\S*?\]\s*)?{_LAYOUT_GROUP}(?:\s*\[\S*?\])?"),
    re.compile(rf"\\{_one_of(PARTIAL_LINES)}[^{{\n]{{0,20}}\{{\s*\d+\s*-+\s*\d+\s*\}}"),
    re.compile(rf"\\{_one_of(HORIZONTAL_LINES)}(?:\s*[\[{{]\s*{_LENGTH}\s*[\]}}])*"),
    *_with_arguments({**SILENT, **{name: count for name, (_, count) in SPACES.items()}, **TRANSPARENT}),
    re.compile(rf"\\{_one_of([*STYLES, *SWITCHES, *HEADINGS, *FRONT, *SYMBOLS])}"),
    re.compile(r"\\(?:title|caption|footnotetext|footnotemark|footnote|thanks|item|href|url|hrule)\*?(?![A-Za-z])"),
    re.compile(r"\\(?:[cvuHrkdb](?=[ ]?\{)|=)"),
    re.compile(r"</?smiles>"),
)


def without_markup(text: str) -> str:
    """*text* with a blank for each piece of such markup."""
    if "\\" not in text and "<smiles" not in text:
        return text
    for markup in _MARKUP:
        text = markup.sub(" ", text)
    return text
