"""Text that a Markdown program shows as it is."""

import re

_ALWAYS_SPECIAL = re.compile(r"([\\`*_\[\]<>&~$|^{}])")
_SPECIAL_AT_START = re.compile(r"^([#+=:%!@-])")  # heading, list, underline, definition, title block, ...
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")  # a list
_INDENT = re.compile(r"^[ \t]+")  # four columns would make it code
_TAB_COLUMNS = 4
_ENTITIES = re.compile(r"\\([<>&])|\\(.)")
_NAMES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
LINE_BREAK = "  \n"  # older than CommonMark's backslash, so that every program knows it


def literal(text: str) -> str:
    """Lines and paragraphs, as they stand."""
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", text)
    return "\n\n".join(_lines(escaped(paragraph).split("\n")) for paragraph in paragraphs)


def escaped(text: str) -> str:
    """What may stand anywhere in a line; begun() is for what begins one."""
    return _ALWAYS_SPECIAL.sub(r"\\\1", text)


def as_html(escaped_text: str) -> str:
    """Harmless too where a program takes the text between two tags for HTML."""
    return _ENTITIES.sub(lambda found: _NAMES[found[1]] if found[1] else found[0], escaped_text)


def paragraph(text: str) -> str:
    """Escaped *text*, each of its lines a line."""
    return _lines([line for line in text.split("\n") if line.strip()])


def _lines(lines: list[str]) -> str:
    return LINE_BREAK.join(begun(line.rstrip()) for line in lines)


def begun(line: str) -> str:
    indent = _INDENT.match(line)
    if indent:
        columns = len(indent[0].expandtabs(_TAB_COLUMNS))
        return "\u00a0" * columns + line[indent.end() :]
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL_AT_START.sub(r"\\\1", line))
