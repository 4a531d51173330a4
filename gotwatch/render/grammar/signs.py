"""What a sign in a line becomes: the few of markdown that are meant, quotation marks, dashes, braces, formulas."""

import re

from gotwatch.render.blocks import Formula, InlineCode, Link, NoteMark, Picture, Span, Style, Styled
from gotwatch.render.grammar import characters, formulas
from gotwatch.render.grammar.arguments import Argument, argument
from gotwatch.render.grammar.commands import command
from gotwatch.render.grammar.line import Line
from gotwatch.render.grammar.links import address, without_invented_address
from gotwatch.render.grammar.vocabulary import SILENT, SWITCHES

_BREAK = re.compile(r"\\\\\*?(?:[ \t]*\[[ \t]*-?[\d.]+[ \t]*[a-z]{2}[ \t]*\])?[ \t]*\n?[ \t]*")
_MARKED = {
    "**": (Style.BOLD, re.compile(r"\*\*(?=\S)((?:[^\n*]|\*(?!\*)){1,1000}?)(?<=\S)\*\*")),
    "*": (Style.ITALIC, re.compile(r"(?<![\w*])\*(?=[^\W\d_\\])([^\n*]{1,500}?)(?<=\S)\*(?![\w*])")),
    "~~": (Style.STRUCK, re.compile(r"~~(?=\S)([^\n~]{1,500}?)(?<=\S)~~")),
}
_CODE = re.compile(
    r"(?<![\w`'])`(?![`\s])([^\n`]{1,500}?)(?<=\S)`(?![\w`])|(?<!`)``(?!`)([^\n`']{1,500}?)(?<!`)``(?!`)"
)
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\(([^\s()<>]{1,1000}(?:\([^\s()<>]{0,100}\))?)\)")
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,500})\]\(([^()\n]{0,1000})\)")
_NOTE_MARK = re.compile(r"\[\^([\w*]{1,20})\]")
_SWITCHING = "|".join([*SWITCHES, *(name for name, arguments in SILENT.items() if arguments == 0)])
_SWITCH = re.compile(rf"\s*\\({_SWITCHING})(?![A-Za-z])\s*")
_COMMAND_BEFORE = re.compile(r"\\(?!begin)[A-Za-z]+\*?(?:\s*\[[^\[\]]*\]|\s*\{[^{}]*\}){0,3}\s*\Z")
_LONGEST_COMMAND = 80


def sign(line: Line, found: re.Match[str]) -> int:
    return _BY_SIGN[found[0][0]](line, found)


def _backslash(line: Line, found: re.Match[str]) -> int:
    begin, behind = found.start(), found[0][1]
    if behind in "([":
        return _formula(line, found)
    if behind == "\\":
        matched = _BREAK.match(line.text, begin, line.end)
        return line.say("\n", begin, matched.end() if matched else found.end())
    shown = characters.escaped(line.text, begin, line.end)
    if shown is not None and len(found[0]) == len(r"\'"):
        return line.say(shown[0], begin, shown[1])
    if behind.isascii() and behind.isalpha():
        return command(line, found)
    if behind in ")]":
        return line.raw(begin, found.end())
    return line.say("\\", begin, begin + 1)  # the sign behind it may mean something itself


def _formula(line: Line, found: re.Match[str]) -> int:
    formula = _delimited(line, found)
    if formula is None:
        return line.literally(found) if found[0].startswith("$") else line.raw(*found.span())
    tex = line.between(formula.inside)
    if not tex:
        return line.skip(found.start(), formula.end)
    if formulas.too_much(tex):
        return line.raw(found.start(), formula.end)
    return line.add(Formula(tex, Span(found.start(), formula.end)))


def _delimited(line: Line, found: re.Match[str]) -> formulas.Delimited | None:
    if found[0] in (r"\(", "$"):
        return formulas.inline(line.marks, found.start(), line.end)
    formula = formulas.display(line.marks, found.start(), line.end)
    return formula if formula and formula.closed else None  # an open one is not looked for in a heading or a caption


def _brace(line: Line, found: re.Match[str]) -> int:
    r"""Braces are text, unless they hold a switch such as \bf."""
    group = argument(line.marks, found.start(), line.end)
    switch = _SWITCH.match(line.text, found.end(), line.end)
    if group is None or switch is None or switch.end() > group.inside.end:
        return line.literally(found)
    inside = Span(switch.end(), group.inside.end)
    if style := SWITCHES.get(switch[1]):
        return line.add(Styled(style, line.inner(inside), Span(found.start(), group.end)))
    return line.splice(found.start(), Argument(inside, group.end, group.closed))


def _closing_brace(line: Line, found: re.Match[str]) -> int:
    """Text as well, unless it ends a command that stands further up the page."""
    opening = line.marks.group_begins.get(found.start(), line.begin)
    before = line.text[max(0, opening - _LONGEST_COMMAND) : opening]
    if opening < line.begin and _COMMAND_BEFORE.search(before):
        return line.skip(*found.span())
    return line.literally(found)


def _marked(line: Line, found: re.Match[str]) -> int:
    style, pattern = _MARKED[found[0]]
    marked = pattern.match(line.text, found.start(), line.end)
    if marked is None:
        return line.literally(found)
    return line.add(Styled(style, line.inner(Span(*marked.span(1))), Span(*marked.span())))


def _tilde(line: Line, found: re.Match[str]) -> int:
    if found[0] == "~~":
        return _marked(line, found)
    shown = "\N{NO-BREAK SPACE}" if characters.is_tie(line.text, found.start()) else "~"
    return line.say(shown, *found.span())


def _backquotes(line: Line, found: re.Match[str]) -> int:
    code = _CODE.match(line.text, found.start(), line.end)
    if code is not None:
        return line.add(InlineCode(code[1] or code[2], Span(*code.span())))
    return _quotes(line, found) if found[0] == "``" else line.literally(found)


def _quotes(line: Line, found: re.Match[str]) -> int:
    return line.say(characters.quotation_mark(found[0]), *found.span())


def _bracket(line: Line, found: re.Match[str]) -> int:
    if mark := _NOTE_MARK.match(line.text, found.start(), line.end):
        return line.add(NoteMark(mark[1], (), Span(*mark.span())))
    link = _LINK.match(line.text, found.start(), line.end)
    if link is None or not address(link[2]):
        return line.literally(found)
    return line.add(Link(link[2], line.inner(Span(*link.span(1))), Span(*link.span())))


def _picture(line: Line, found: re.Match[str]) -> int:
    picture = _PICTURE.match(line.text, found.start(), line.end)
    if picture is None:
        return line.say("!", found.start(), found.start() + 1)
    seen = f"{picture[1]} {without_invented_address(picture[2])}".strip()
    return line.add(Picture(seen, Span(*picture.span())))


def _dashes(line: Line, found: re.Match[str]) -> int:
    dash = characters.dash(line.text, found.start())
    if dash is None or dash[1] != found.end():
        return line.literally(found)
    return line.say(dash[0], *found.span())


_BY_SIGN = {
    "\\": _backslash,
    "{": _brace,
    "}": _closing_brace,
    "$": _formula,
    "*": _marked,
    "~": _tilde,
    "`": _backquotes,
    "'": _quotes,
    "[": _bracket,
    "!": _picture,
    "-": _dashes,
}
