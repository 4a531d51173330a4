"""A document as Markdown: formatted text as the model wrote it, plain text so that it shows literally."""

import re

from gotwatch.documents import Document, Mode
from gotwatch.render.origin import cleaned

_ALWAYS_SPECIAL = re.compile(r"([\\`*_\[\]<>&~$|^{}])")
_SPECIAL_AT_START = re.compile(r"^([#+=:%!@-])")  # heading, list, underline, definition, title block, ...
_NUMBERED = re.compile(r"^(\d+)([.)])")  # a list
_INDENT = re.compile(r"^[ \t]+")  # four columns would make it code
_TAB_COLUMNS = 4
_LINE_BREAK = "  \n"  # older than CommonMark's backslash, so that every program knows it


def render(document: Document) -> str:
    page_text = _literal if document.reading.prompt.mode is Mode.PLAIN else str
    texts = (page_text(cleaned(page.markup).strip("\n")) for page in document.pages)
    separators = (
        "" if place == 0 else f"---\n\n<!-- {page.title} -->\n\n" for place, page in enumerate(document.pages)
    )
    return "\n\n".join(map("".join, zip(separators, texts, strict=True))).rstrip("\n") + "\n"


def _literal(text: str) -> str:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", text)
    return "\n\n".join(_LINE_BREAK.join(map(_line, paragraph.split("\n"))) for paragraph in paragraphs)


def _line(line: str) -> str:
    escaped = _ALWAYS_SPECIAL.sub(r"\\\1", line.rstrip())
    indent = _INDENT.match(escaped)
    if indent:
        columns = len(indent[0].expandtabs(_TAB_COLUMNS))
        return "\u00a0" * columns + escaped[indent.end() :]
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL_AT_START.sub(r"\\\1", escaped))
