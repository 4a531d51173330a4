"""What a command in a line becomes: a style, a sign, a space, a link, a footnote, or its own source."""

import re
from collections.abc import Callable

from gotwatch.render.blocks import Formula, InlineCode, Link, NoteMark, Picture, Piece, Span, Styled, Words
from gotwatch.render.grammar.arguments import Argument, argument, behind, behind_layout, option
from gotwatch.render.grammar.line import Line
from gotwatch.render.grammar.links import address, without_invented_address
from gotwatch.render.grammar.vocabulary import (
    BARE_MATH,
    SILENT,
    SPACES,
    STYLES,
    SWITCHES,
    SYMBOLS,
    TRANSPARENT,
    Family,
    family_of,
)

_VERB = re.compile(r"\\(?:verb|lstinline)\*?([^\w\s{*])([^\n]{0,500}?)\1")
_ALTERNATIVE = re.compile(r"\balt\s*=\s*\{([^{}]*)\}")
_BLANKS = re.compile(r"[ \t]+")
_PATH_BEFORE = re.compile(r"[A-Za-z:.\\/]")


def command(line: Line, found: re.Match[str]) -> int:
    name = found[0][1:].removesuffix("*")
    return _SHOWN.get(name, _unknown)(line, found, name)


def _unknown(line: Line, found: re.Match[str], _: str) -> int:
    """It is shown as it stands; what stands in its braces is read all the same."""
    here = found.end()
    words = argument(line.marks, here, line.end)
    if words is None and _is_in_path(line, found):
        return line.literally(found)
    line.raw(found.start(), here)
    while words is not None:
        line.raw(here, words.inside.begin)
        line.splice(words.inside.begin, words)
        here = line.raw(words.inside.end, words.end)
        words = argument(line.marks, here, line.end) if line.text.startswith("{", here) else None
    return here


def _is_in_path(line: Line, found: re.Match[str]) -> bool:
    r"""Whether the command is a folder, as in C:\new."""
    return line.is_within_words and _PATH_BEFORE.match(line.text, found.start() - 1) is not None


def _symbol(line: Line, found: re.Match[str], name: str) -> int:
    if line.is_within_words and line.text[found.start() - 1] == ":":
        return line.literally(found)
    here = found.end() - 1 if found[0].endswith("*") else found.end()
    if line.text.startswith("{}", here):
        here += 2
    elif line.text.startswith(" ", here) and SYMBOLS[name].isalpha() and here + 1 < line.end:
        here += 1  # the blank only ends the name
    return line.say(SYMBOLS[name], found.start(), here)


def _style(line: Line, found: re.Match[str], name: str) -> int:
    inside = argument(line.marks, found.end(), line.end)
    if inside is None:
        return _unknown(line, found, name)
    return line.add(Styled(STYLES[name], line.inner(inside.inside), Span(found.start(), inside.end)))


def _silent(line: Line, found: re.Match[str], name: str) -> int:
    count = SILENT.get(name, 0)
    end = _behind_layout(line, found, count) if count else _behind_name(line, found.end())
    return _unknown(line, found, name) if end is None else line.skip_line(found.start(), end)


def _behind_name(line: Line, at: int) -> int:
    """The blanks behind a name only end it."""
    blanks = _BLANKS.match(line.text, at, line.end)
    return blanks.end() if blanks else at


def _space(line: Line, found: re.Match[str], name: str) -> int:
    shown, count = SPACES[name]
    end = _behind_layout(line, found, count)
    return _unknown(line, found, name) if end is None else line.say(shown, found.start(), end)


def _transparent(line: Line, found: re.Match[str], name: str) -> int:
    begin = behind_layout(line.marks, found.end(), line.end, count=TRANSPARENT[name])
    shown = argument(line.marks, begin, line.end) if begin is not None else None
    return _unknown(line, found, name) if shown is None else line.splice(found.start(), shown)


def _bare_formula(line: Line, found: re.Match[str], name: str) -> int:
    end = behind(line.marks, found.end(), line.end, count=BARE_MATH[name])
    if end is None or _is_in_path(line, found):
        return _unknown(line, found, name)
    return line.add(Formula(line.text[found.start() : end], Span(found.start(), end)))


def _behind_layout(line: Line, found: re.Match[str], count: int) -> int | None:
    return behind_layout(line.marks, found.end(), line.end, count=count) if count else found.end()


def _environment(line: Line, found: re.Match[str], name: str) -> int:
    environment = line.marks.environment(found.start(), line.end)
    if environment is None or environment.end > line.end:
        return _environment_end(line, found, name)
    if family_of(environment.name) is not Family.MATH:
        return line.raw(found.start(), environment.body_begin)
    span = Span(environment.begin, environment.end)
    return line.add(Formula(line.between(span), span))


def _environment_end(line: Line, found: re.Match[str], _: str) -> int:
    name = argument(line.marks, found.end(), line.end)
    return line.raw(found.start(), name.end if name else found.end())


def _footnote(line: Line, found: re.Match[str], name: str) -> int:
    label = option(line.marks, found.end(), line.end)
    note = argument(line.marks, label.end if label else found.end(), line.end)
    if note is None:
        return _unknown(line, found, name)
    return _note_mark(line, found.start(), label, line.inner(note.inside), note.end)


def _footnote_mark(line: Line, found: re.Match[str], _: str) -> int:
    label = option(line.marks, found.end(), line.end)
    return _note_mark(line, found.start(), label, (), label.end if label else found.end())


def _note_mark(line: Line, begin: int, label: Argument | None, note: tuple[Piece, ...], end: int) -> int:
    return line.add(NoteMark(line.between(label.inside) if label else "", note, Span(begin, end)))


def _href(line: Line, found: re.Match[str], name: str) -> int:
    target = argument(line.marks, found.end(), line.end)
    shown = argument(line.marks, target.end, line.end) if target and target.closed else None
    if target is None or shown is None or not address(line.between(target.inside)):
        return _unknown(line, found, name)
    words = line.inner(shown.inside) or (Words(line.between(target.inside), target.inside),)
    return line.add(Link(line.between(target.inside), words, Span(found.start(), shown.end)))


def _url(line: Line, found: re.Match[str], name: str) -> int:
    target = argument(line.marks, found.end(), line.end)
    if target is None or not address(line.between(target.inside)):
        return _unknown(line, found, name)
    shown = Words(line.between(target.inside), target.inside)
    return line.add(Link(shown.text, (shown,), Span(found.start(), target.end)))


def _graphics(line: Line, found: re.Match[str], name: str) -> int:
    size = option(line.marks, found.end(), line.end)
    file = argument(line.marks, size.end if size else found.end(), line.end)
    if file is None:
        return _unknown(line, found, name)
    options = line.between(size.inside) if size else ""
    alternative = _ALTERNATIVE.search(options)
    words = options if "=" not in options else alternative[1] if alternative else ""
    seen = f"{words} {without_invented_address(line.between(file.inside))}"
    return line.add(Picture(seen.strip(), Span(found.start(), file.end)))


def _verb(line: Line, found: re.Match[str], name: str) -> int:
    code = _VERB.match(line.text, found.start(), line.end)
    return line.add(InlineCode(code[2], Span(*code.span()))) if code else _unknown(line, found, name)


_Show = Callable[[Line, re.Match[str], str], int]
_SHOWN: dict[str, _Show] = {
    **dict.fromkeys(BARE_MATH, _bare_formula),
    **dict.fromkeys(SYMBOLS, _symbol),
    **dict.fromkeys(STYLES, _style),
    **dict.fromkeys([*SILENT, *SWITCHES], _silent),
    **dict.fromkeys(SPACES, _space),
    **dict.fromkeys(TRANSPARENT, _transparent),
    **dict.fromkeys(["begin"], _environment),
    **dict.fromkeys(["end"], _environment_end),
    **dict.fromkeys(["footnote", "thanks"], _footnote),
    **dict.fromkeys(["footnotemark"], _footnote_mark),
    **dict.fromkeys(["href"], _href),
    **dict.fromkeys(["url"], _url),
    **dict.fromkeys(["includegraphics"], _graphics),
    **dict.fromkeys(["verb", "lstinline"], _verb),
}
