"""The pieces of a line, from left to right: what is no sign of markup is words."""

import re

from gotwatch.render.blocks import Piece, Raw, Span
from gotwatch.render.grammar.landmarks import Landmarks
from gotwatch.render.grammar.line import Line
from gotwatch.render.grammar.signs import sign

MOST_DEPTH = 60

_SIGN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|[{}]|\$\$?|\*\*?|~~?|`+|''|!?\[|--+", re.DOTALL)


def pieces(marks: Landmarks, begin: int, end: int, depth: int) -> tuple[Piece, ...]:
    if depth > MOST_DEPTH:
        return (Raw(marks.text[begin:end], Span(begin, end)),) if begin < end else ()
    line = Line(marks, begin, end, depth=depth, read=pieces)
    here = begin
    while here < end and (found := _SIGN.search(marks.text, here, end)):
        if found.start() > here:
            line.say(marks.text[here : found.start()], here, found.start())
        here = sign(line, found)
    if here < end:
        line.say(marks.text[here:end], here, end)
    return line.finish()
