import pytest

from gotwatch.render.sanitise import clean_mathml, clean_svg

_ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a xlink:href='javascript:alert(1)'>a</a>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<g onload='alert(1)' onclick='alert(1)'></g>",
    "<animate attributeName='href' values='javascript:alert(1)'/>",
    "<set attributeName='onload' to='alert(1)'/>",
    "<foreignObject><body onload=alert(1)></foreignObject>",
    "<use href='https://evil.example/a.svg#b'/>",
    "<use xlink:href='data:image/svg+xml;base64,AAAA#x'/>",
    "<image href='https://evil.example/a.png'/>",
    "<rect fill='url(https://evil.example/#a)'/>",
    "<rect style='fill:url(//evil.example)'/>",
    "<rect style='fill:u\\72l(//evil.example)'/>",
    "<mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<desc><svg onload=alert(1)></desc>",
    "<title><form action='https://evil.example'><input></form></title>",
    "<math href='javascript:alert(1)'>CLICK</math>",
    "<maction actiontype='statusline#https://evil.example' xlink:href='javascript:alert(1)'>x</maction>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<embed src='https://evil.example'><object data='https://evil.example'></object>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'><base href='https://evil.example'>",
)
_SIGNS_OF_LIFE = (
    "<script",
    "<img",
    "<iframe",
    "<style",
    "<form",
    "<a ",
    "<set",
    "<animate",
    "<meta",
    "<base",
    "<image",
)


def is_inert(html: str) -> bool:
    lowered = html.lower()
    tags = [piece.split(">")[0] for piece in lowered.split("<")[1:]]
    has_handler = any(" on" in tag for tag in tags)
    has_address = any("evil.example" in tag or "javascript:" in tag or "data:" in tag for tag in tags)
    return not (has_handler or has_address or any(f"<{sign}" in lowered for sign in _SIGNS_OF_LIFE))


@pytest.mark.parametrize("attack", _ATTACKS)
def test_nothing_live_passes_in_a_formula(attack: str) -> None:
    for html in (f"<math><mi>x</mi>{attack}</math>", f"<math><mtext>{attack}</mtext></math>", attack):
        assert is_inert(clean_mathml(html))


@pytest.mark.parametrize("attack", _ATTACKS)
def test_nothing_live_passes_in_a_drawing(attack: str) -> None:
    for svg in (f"<svg><g>{attack}</g></svg>", f"<svg><text>{attack}</text></svg>", f"<svg {attack[1:]}", attack):
        assert is_inert(clean_svg(svg, id_prefix="p1-"))


@pytest.mark.parametrize("attack", _ATTACKS)
def test_what_was_cleaned_once_stays_as_it_is(attack: str) -> None:
    once = clean_mathml(f"<math><mtext>{attack}</mtext></math>")

    assert clean_mathml(once) == once


def test_a_formula_keeps_its_form() -> None:
    mathml = (
        '<math display="block" class="tml-display"><mtable><mtr><mtd style="padding-left:0em;border-right:1px solid">'
        '<mo fence="true" stretchy="true">(</mo><mspace width="1em"></mspace></mtd></mtr></mtable></math>'
    )

    assert clean_mathml(mathml) == mathml


def test_a_formula_keeps_no_class_of_the_page() -> None:
    cleaned = clean_mathml('<math class="tml-display warning"><mi>x</mi></math>')

    assert cleaned.startswith('<math class="tml-display">')


@pytest.mark.parametrize("html", ["", "x", "<b>x</b>", "<math><mi>x</mi>", "<math></math>text", "<svg></svg>"])
def test_what_is_no_formula_gives_nothing_or_a_formula(html: str) -> None:
    cleaned = clean_mathml(html)

    assert cleaned == "" or (cleaned.startswith("<math") and cleaned.endswith("</math>"))


def test_ids_and_what_refers_to_them_are_prefixed() -> None:
    svg = (
        '<svg><defs><path id="a" d="M0 0"/><linearGradient id="b"/><clipPath id="c"/></defs>'
        '<use xlink:href="#a"/><g clip-path="url(#c)" style="fill:url(#b)" aria-labelledby="a b"/></svg>'
    )

    cleaned = clean_svg(svg, id_prefix="p1-")

    assert all(f'id="p1-{name}"' in cleaned for name in "abc")
    assert 'xlink:href="#p1-a"' in cleaned
    assert 'clip-path="url(#p1-c)"' in cleaned
    assert "#p1-b" in cleaned
    assert 'aria-labelledby="p1-a p1-b"' in cleaned
    assert "#a" not in cleaned


def test_an_id_that_nothing_refers_to_goes() -> None:
    assert "note-1" not in clean_svg('<svg><g id="note-1"></g></svg>', id_prefix="p1-")


def test_names_with_capitals_are_kept() -> None:
    svg = '<svg viewBox="0 0 9 9"><radialGradient gradientUnits="userSpaceOnUse"></radialGradient></svg>'

    assert clean_svg(svg, id_prefix="p1-") == svg


def test_classes_of_a_drawing_are_set_apart_from_those_of_the_page() -> None:
    assert 'class="svg-note svg-up"' in clean_svg('<svg><g class="note up"></g></svg>', id_prefix="p1-")


def test_metadata_and_declarations_go() -> None:
    svg = '<?xml version="1.0"?><!DOCTYPE svg><svg><metadata>made by</metadata><style>g{}</style><g></g></svg>'

    assert clean_svg(svg, id_prefix="p1-") == "<svg><g></g></svg>"


@pytest.mark.parametrize("svg", ["", "text", "<p>x</p>", "<svg><g>"])
def test_what_is_no_drawing_gives_nothing_or_a_drawing(svg: str) -> None:
    cleaned = clean_svg(svg, id_prefix="p1-")

    assert cleaned == "" or (cleaned.startswith("<svg") and cleaned.endswith("</svg>"))


def test_markup_as_deep_as_it_likes_is_cleaned() -> None:
    deep = "<math>" + "<mrow>" * 20_000 + "</mrow>" * 20_000 + "</math>"

    assert clean_mathml(deep).startswith("<math")
