"""The only module that makes HTML out of text: what went through text() or element() cannot break out of its place."""

from collections.abc import Iterable
from html import escape
from typing import NewType

from gotwatch.render.origin import cleaned

Html = NewType("Html", str)  # from here, or from the sanitiser

NOTHING = Html("")


def text(words: str) -> Html:
    return Html(escape(cleaned(words), quote=True))


def element(tag: str, *children: Html, **attributes: str) -> Html:
    """`<tag …>children</tag>`. An attribute that is a Python word takes an underscore at its end: class_="note"."""
    return Html(f"<{tag}{_attributes(attributes)}>{''.join(children)}</{tag}>")


def void(tag: str, **attributes: str) -> Html:
    """An element that cannot have children, such as meta."""
    return Html(f"<{tag}{_attributes(attributes)}>")


def joined(parts: Iterable[Html]) -> Html:
    """*parts* side by side: for elements whose blanks are shown."""
    return Html("".join(parts))


def lines(parts: Iterable[Html]) -> Html:
    """*parts*, each on a line of its own; the empty ones left out."""
    return Html("\n".join(part for part in parts if part))


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name.rstrip("_").replace("_", "-")}="{text(value)}"' for name, value in attributes.items())
