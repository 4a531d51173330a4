"""Which markup of an engine may enter a page: the only module that knows nh3.

What an engine draws is as little trusted as the text that it drew. So only the elements, attributes and style
properties pass that a formula or a drawing needs, and no address but one inside the same drawing.
"""

import logging
import re
from collections.abc import Callable

import nh3

log = logging.getLogger(__name__)


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MATHML_ELEMENTS = _names(
    "math maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace"
    " msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
_MATHML_ATTRIBUTES = _names(
    "accent accentunder class columnalign columnlines columnspacing columnspan depth dir display displaystyle"
    " fence form frame height largeop linebreak linethickness lspace mathbackground mathcolor mathsize mathvariant"
    " maxsize minsize movablelimits notation rowlines rowspacing rowspan rspace scriptlevel separator stretchy"
    " style symmetric voffset width"
)
_MATHML_PROPERTIES = _names(
    "border border-bottom border-left border-radius border-right border-style border-top border-width color font-weight"
    " justify-items left margin-left math-depth math-shift math-style padding padding-bottom padding-left padding-right"
    " padding-top text-align width"
)
_MATHML_CLASS = re.compile(
    r"(?:tml|chr|wbk|ff)-[a-z0-9-]+|longdiv-(?:top|arc)|phasor-(?:bottom|angle)|math(?:scr|cal)|menclose|upstrike"
    r"|downstrike|sout|circle-pad|textcircle|actuarial|special-fraction"
)

_SVG_ELEMENTS = _names(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc clipPath mask"
    " linearGradient radialGradient stop pattern marker"
)
_SVG_ATTRIBUTES = _names(
    "aria-hidden aria-label aria-labelledby class clip-path clip-rule clipPathUnits color cx cy d direction"
    " dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size font-style font-variant"
    " font-weight fx fy gradientTransform gradientUnits height href id lengthAdjust letter-spacing marker-end"
    " marker-mid marker-start markerHeight markerUnits markerWidth mask maskContentUnits maskUnits offset opacity"
    " orient overflow patternContentUnits patternTransform patternUnits points preserveAspectRatio r refX refY"
    " role rotate rx ry spreadMethod startOffset stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset"
    " stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style text-anchor"
    " text-decoration textLength transform transform-origin vector-effect viewBox visibility width word-spacing"
    " writing-mode x x1 x2 space y y1 y2"
)
_SVG_PROPERTIES = _names(
    "clip-path clip-rule color dominant-baseline fill fill-opacity fill-rule font-family font-size font-style"
    " font-weight letter-spacing marker-end marker-mid marker-start mask opacity stop-color stop-opacity stroke"
    " stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width"
    " text-anchor text-decoration transform visibility"
)

# Gone with all that is in them. Of other elements that may not pass the text stays.
_SWALLOWED = _names("script style metadata foreignObject iframe object embed template noscript animate set image")
_TARGET = re.compile(r"url\(\s*[\"']?#([^\"')]*)[\"']?\s*\)")
_REFERENCE = re.compile(
    r"(?:href\s*=\s*[\"']#([^\"']*)|url\(\s*(?:[\"']|&quot;)?#([^\"')&]*)|labelledby\s*=\s*\"([^\"]*))"
)
_ESCAPE_IN_STYLE = "\\"  # could spell url( in another way
_SIMPLE_NAME = re.compile(r"[\w-]+", re.ASCII)

_AttributeFilter = Callable[[str, str, str], str | None]


def clean_mathml(html: str) -> str:
    """*html* as one harmless math element, or "" if it is none."""
    cleaned = _clean(_MATHML, html).strip()
    return cleaned if cleaned.startswith("<math") and cleaned.endswith("</math>") else ""


def clean_svg(svg: str, *, id_prefix: str) -> str:
    """*svg* as one harmless svg element, or "" if it is none.

    Ids and what refers to them get *id_prefix*, so that several drawings fit on one page; ids that nothing refers to
    go. Classes become "svg-NAME", so that the style of the page does not take them for its own.
    """
    referred = {name for groups in _REFERENCE.findall(svg) for group in groups for name in group.split()}
    cleaner = nh3.Cleaner(
        tags=set(_SVG_ELEMENTS),
        clean_content_tags=set(_SWALLOWED),
        attributes={"*": set(_SVG_ATTRIBUTES)},
        attribute_filter=_svg_attribute_filter(id_prefix, frozenset(referred)),
        filter_style_properties=set(_SVG_PROPERTIES),
        link_rel=None,
    )
    cleaned = _clean(cleaner, _from_root(svg)).strip()
    return cleaned if cleaned.startswith("<svg") and cleaned.endswith("</svg>") else ""


def _clean(cleaner: nh3.Cleaner, html: str) -> str:
    try:
        return cleaner.clean(html)
    except BaseException as error:
        # A panic of the Rust code is no Exception, and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        log.warning("the sanitiser gave up on %d characters: %s", len(html), error)
        return ""


def _from_root(svg: str) -> str:
    """Without an XML declaration or a doctype, which an HTML parser takes for a comment or for text."""
    return svg[max(svg.find("<svg"), 0) :]


def _mathml_attribute(_element: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(filter(_MATHML_CLASS.fullmatch, value.split())) or None
    if value.startswith("display:"):
        return None  # the style sheet of formulas says that, for all browsers
    return value if _is_harmless(value) else None


def _svg_attribute_filter(prefix: str, referred: frozenset[str]) -> _AttributeFilter:
    def prefixed(match: re.Match[str]) -> str:
        return f"url(#{prefix}{match[1]})"

    def keep(_element: str, name: str, value: str) -> str | None:
        match name:
            case "id":
                return prefix + value if value in referred else None
            case "href":
                return f"#{prefix}{value[1:]}" if value.startswith("#") else None
            case "aria-labelledby":
                return " ".join(prefix + part for part in value.split())
            case "class":
                return " ".join(f"svg-{part}" for part in value.split() if _SIMPLE_NAME.fullmatch(part)) or None
            case _:
                inside = _TARGET.sub(prefixed, value)
                return inside if _is_harmless(_TARGET.sub("", value)) else None

    return keep


def _is_harmless(value: str) -> bool:
    return "url(" not in value.lower() and _ESCAPE_IN_STYLE not in value


_MATHML = nh3.Cleaner(
    tags=set(_MATHML_ELEMENTS),
    clean_content_tags=set(_SWALLOWED),
    attributes={"*": set(_MATHML_ATTRIBUTES)},
    attribute_filter=_mathml_attribute,
    filter_style_properties=set(_MATHML_PROPERTIES),
    link_rel=None,
)
