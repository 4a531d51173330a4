"""The pieces of a line as elements."""

from gotwatch.render.blocks import (
    Formula,
    InlineCode,
    Link,
    NoteMark,
    Picture,
    Piece,
    Raw,
    Style,
    Styled,
    Words,
)
from gotwatch.render.elements import Html, element, joined, text
from gotwatch.render.formulas.linear import linear
from gotwatch.render.web.setting import Setting

_TAGS = {
    Style.BOLD: "strong",
    Style.ITALIC: "em",
    Style.UNDERLINE: "u",
    Style.STRUCK: "s",
    Style.MONOSPACE: "samp",
    Style.RAISED: "sup",
    Style.LOWERED: "sub",
}


def line(pieces: tuple[Piece, ...], setting: Setting) -> Html:
    return joined(_piece(piece, setting) for piece in pieces)


def _piece(piece: Piece, setting: Setting) -> Html:  # noqa: C901  one line for each kind there is
    match piece:
        case Words(words):
            return text(words)
        case Formula(tex):
            return setting.formula(tex)
        case Styled(style, inner):
            return _styled(style, line(inner, setting))
        case InlineCode(code):
            return element("code", text(code))
        case Link(target, inner):
            return element("a", line(inner, setting), href=target, rel="noopener noreferrer")
        case Picture(words):
            return picture(words)
        case NoteMark():
            return setting.reference(piece)
        case Raw(markup):
            return element("code", text(markup), class_="raw", title="Not understood, and shown as it was read.")


def picture(words: str) -> Html:
    return element("span", text(f"[image: {words}]" if words else "[image]"), class_="picture")


def _styled(style: Style, inner: Html) -> Html:
    if style is Style.SMALL_CAPITALS:
        return element("span", inner, class_="small-capitals")
    return element(_TAGS[style], inner)


def plain_words(pieces: tuple[Piece, ...]) -> str:
    """What is left of them in a list of contents."""
    return " ".join("".join(map(_words, pieces)).split())


def _words(piece: Piece) -> str:
    match piece:
        case Formula(tex):
            return linear(tex)
        case Styled(pieces=inner) | Link(pieces=inner):
            return "".join(map(_words, inner))
        case NoteMark():
            return ""
        case Words(words) | InlineCode(words) | Picture(words) | Raw(words):
            return words
