"""HTML as a browser reads it: the tree that the HTML5 rules make of it, and what of it is alive."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

LIVE_ELEMENTS = frozenset(
    [
        *("script", "iframe", "frame", "frameset", "object", "embed", "applet", "portal", "base", "link", "noscript"),
        *("form", "input", "button", "textarea", "select", "audio", "video", "source", "track", "template"),
        *("animate", "set", "animatetransform", "animatemotion", "foreignobject", "image"),
    ]
)
# Where a browser may look for something by itself.
FETCHED = frozenset(
    [
        *("src", "srcset", "href", "data", "poster", "background", "action", "formaction", "cite", "longdesc"),
        *("ping", "manifest"),
    ]
)
_LINK = re.compile(r"(?:https?|mailto):")
_DATA = re.compile(r"data:(?:image/jpeg|font/woff);base64,[\w+/=]*\Z")
_SAVED = re.compile(r"data:audio/midi;base64,[\w+/=]+\Z")
_ADDRESS_IN_STYLE = re.compile(r"url\(\s*['\"]?(?!data:font/woff;base64,|#)|@import|expression\(", re.IGNORECASE)


def parsed(html: str) -> Element:
    """Tags without namespaces."""
    tree: Element = html5lib.parse(html, namespaceHTMLElements=False)
    for element in tree.iter():
        if isinstance(element.tag, str):  # and no comment
            element.tag = element.tag.rpartition("}")[2].lower()
    return tree


def words(element: Element) -> str:
    """What a person reads of it."""
    gathered: list[str] = []
    _gather_words(element, gathered)
    return "".join(gathered)


def one(html: str, path: str) -> Element:
    found = parsed(html).findall(f".//{path}")
    assert len(found) == 1, f"{len(found)} of {path}"
    return found[0]


def alive(html: str) -> list[str]:
    """Everything that could run, or reach the network without a person's click."""
    return alive_in(parsed(html))


def alive_in(tree: Element) -> list[str]:
    return [sign for element in tree.iter() for sign in _signs(element)]


def _gather_words(element: Element, gathered: list[str]) -> None:
    if not isinstance(element.tag, str) or element.tag in ("style", "head"):
        return
    gathered.append(element.text or "")
    for child in element:
        _gather_words(child, gathered)
        gathered.append(child.tail or "")


def _signs(element: Element) -> Iterator[str]:
    name = element.tag if isinstance(element.tag, str) else ""
    if name in LIVE_ELEMENTS or (name == "style" and _ADDRESS_IN_STYLE.search(element.text or "")):
        yield f"<{name}>"
    if name == "meta" and element.get("http-equiv", "Content-Security-Policy") != "Content-Security-Policy":
        yield f"meta {element.attrib}"
    for attribute, value in element.attrib.items():
        if _is_alive(name, attribute.rpartition("}")[2].lower(), value.strip().lower()):
            yield f"{name} {attribute}={value[:60]}"


def _is_alive(element: str, attribute: str, value: str) -> bool:
    if attribute in FETCHED:
        is_link = element == "a" and attribute == "href" and _LINK.match(value)
        is_saved = element == "a" and attribute == "href" and _SAVED.match(value)
        return not (value.startswith("#") or is_link or is_saved or _DATA.match(value))
    return attribute.startswith("on") or (attribute == "style" and bool(_ADDRESS_IN_STYLE.search(value)))
