r"""TeX as people and models write it, put into the TeX that formula engines read. What is shown stays the same.

Numbers that nobody wrote do not appear: align becomes align*. A percent sign is one, and no comment.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gotwatch.render.formulas import tokens as tex_tokens
from gotwatch.render.formulas.columns import column_letters, text_begins

_Write = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a command with its arguments is written instead."""

    arguments: int
    write: _Write
    has_option: bool = False  # in square brackets, and of no account
    verbatim: int = 0  # so many of the arguments are names or lengths, not formulas


def _template(template: str) -> _Write:
    return lambda arguments: re.sub(r"#(\d)", lambda match: arguments[int(match[1]) - 1], template)


def _over(arguments: Sequence[str]) -> str:
    """Engines make a superscript of what stands over a letter; \\stackrel they leave where it is."""
    above, below = arguments
    if above.strip() in (r"\frown", r"\overparen"):
        return rf"\overparen{{{below}}}"
    # Without braces of its own an \operatorname there makes MathML that no browser shows.
    base = f"{{{below}}}" if r"\operatorname" in below else below
    return rf"{{\stackrel{{{above}}}{{{base}}}}}"


def _multicolumn(arguments: Sequence[str]) -> str:
    digits = arguments[0].strip()
    columns = min(int(digits), _MOST_COLUMNS) if digits.isdecimal() and len(digits) < len("1000") else 1
    return rf"{{{arguments[2]}}}" + " &" * (columns - 1)


_MOST_COLUMNS = 100
_MOST_CHARACTERS_OF_SETTING = 40
_NEVER_IN_SETTING = tex_tokens.names(r"& \\ $ ^ _ = + \$ \% \& \# \( \) \[ \] \left \right \frac")
_NOTHING = " "  # a blank, so that a command in front does not run into the letter behind
_RENAMED: Mapping[str, str] = {
    r"\mbox": r"\text",
    r"\hbox": r"\text",
    r"\overarc": r"\overparen",
    r"\wideparen": r"\overparen",
    r"\varparallel": r"\parallel",
    r"\textbackslash": r"\backslash",
    r"\circled": r"\textcircled",
    r"\parallelogram": "\N{WHITE PARALLELOGRAM}",
    r"\lcm": r"\operatorname{lcm}",
    r"\hfill": r"\quad",
    r"\eqno": r"\qquad",
    r"\leqno": r"\qquad",
    r"\nonumber": _NOTHING,
    r"\notag": _NOTHING,
    r"\toprule": r"\hline",
    r"\midrule": r"\hline",
    r"\bottomrule": r"\hline",
    "%": r"\%",
    "#": r"\#",
}
_RULES: Mapping[str, _Rule] = {
    r"\overset": _Rule(2, _over),
    r"\stackrel": _Rule(2, _over),
    r"\underset": _Rule(2, _template(r"\underset{#1}{{#2}}")),  # the same braces
    r"\multicolumn": _Rule(3, _multicolumn, verbatim=2),
    r"\multirow": _Rule(3, _template("{#3}"), has_option=True, verbatim=2),
    r"\makebox": _Rule(1, _template(r"\text{#1}"), has_option=True),
    r"\framebox": _Rule(1, _template(r"\fbox{#1}"), has_option=True),
    r"\enclose": _Rule(2, _template(r"\boxed{#2}"), verbatim=1),
    r"\cline": _Rule(1, _template(_NOTHING), verbatim=1),
    r"\cmidrule": _Rule(1, _template(_NOTHING), verbatim=1),
    r"\vspace": _Rule(1, _template(_NOTHING), verbatim=1),
    r"\vspace*": _Rule(1, _template(_NOTHING), verbatim=1),
    r"\ref": _Rule(1, _template(r"\text{#1}")),
    r"\eqref": _Rule(1, _template(r"\text{(#1)}")),
    r"\cite": _Rule(1, _template(r"\text{[#1]}")),
    r"\color": _Rule(1, _template(r"\color{#1}"), verbatim=1),
    r"\textcolor": _Rule(2, _template(r"\textcolor{#1}{#2}"), verbatim=1),
    r"\colorbox": _Rule(2, _template(r"\colorbox{#1}{#2}"), verbatim=1),
}

_NUMBERED = frozenset({"equation", "align", "gather", "multline", "alignat", "flalign", "eqnarray"})
_INLINE = {
    "align*": "aligned",
    "gather*": "gathered",
    "alignat*": "alignedat",
    "flalign*": "aligned",
    "multline*": "gathered",
    "eqnarray*": "aligned",
    "split": "aligned",
}
_ARRAYS = frozenset({"array", "tabular", "tabular*", "tabularx", "longtable"})
_HAVE_WIDTH = frozenset({"tabular*", "tabularx"})
_NAME = re.compile(r"[^\\^={}&$]{0,60}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")


def prepared(tex: str, *, display: bool) -> str:
    written = "".join(_rewritten(tex_tokens.split(tex), display=display))
    return written if display else _TAG.sub(r"\\qquad\\text{(\1)}", written)  # engines number displays only


def _rewritten(tokens: Sequence[str], *, display: bool) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token in _RULES:
            text, at = _applied(_RULES[token], tokens, at, display=display)
        elif token == r"\label":
            text, at = _NOTHING, _behind_label(tokens, at + 1)
        elif tex_tokens.begun(token) in _ARRAYS:
            text, at = _array(tokens, at)
        else:
            text, at = _renamed(token, display=display), at + 1
        yield text


def _renamed(token: str, *, display: bool) -> str:
    if (begun := tex_tokens.begun(token)) is not None:
        return _environment("begin", begun, display=display)
    if (ended := tex_tokens.ended(token)) is not None:
        return _environment("end", ended, display=display)
    return _RENAMED.get(token, token)


def _environment(verb: str, name: str, *, display: bool) -> str:
    plain = "array" if name in _ARRAYS else f"{name}*" if name in _NUMBERED else name
    if not display and plain == "equation*":
        return _NOTHING
    return rf"\{verb}{{{plain if display else _INLINE.get(plain, plain)}}}"


def _applied(rule: _Rule, tokens: Sequence[str], at: int, *, display: bool) -> tuple[str, int]:
    """What stands there instead, and the place behind it. Without its arguments a command stays as it is."""
    place = at + 1
    while rule.has_option and (skipped := tex_tokens.option(tokens, place)) is not None:
        place = skipped[1]
    arguments: list[str] = []
    for number in range(rule.arguments):
        found = tex_tokens.argument(tokens, place)
        if found is None or (number < rule.verbatim and not _is_setting(found[0])):
            return tokens[at], at + 1
        inside, place = found
        arguments.append("".join(inside if number < rule.verbatim else _rewritten(inside, display=display)))
    return rule.write(arguments), place


def _is_setting(argument: Sequence[str]) -> bool:
    """Whether it is a name, a length, columns, and not a formula that a brace too few has made part of it."""
    return sum(map(len, argument)) <= _MOST_CHARACTERS_OF_SETTING and _NEVER_IN_SETTING.isdisjoint(argument)


def _behind_label(tokens: Sequence[str], at: int) -> int:
    """Behind the name at *at*, which is not shown, though it be cut off. What can be no name is no part of it."""
    place = tex_tokens.skip_blanks(tokens, at)
    if place == len(tokens) or tokens[place] != "{":
        return at
    end = tex_tokens.group_end(tokens, place)
    name = "".join(tokens[place + 1 : end and end - 1])
    return (end or len(tokens)) if _NAME.fullmatch(name) else at


def _array(tokens: Sequence[str], at: int) -> tuple[str, int]:
    place = _behind_option(tokens, at + 1)
    if tex_tokens.begun(tokens[at]) in _HAVE_WIDTH:
        place = _behind_argument(tokens, place)
    place = tex_tokens.skip_blanks(tokens, _behind_option(tokens, place))
    if place < len(tokens) and tokens[place] != "{":  # TeX would take the first sign of the array for its columns
        return rf"\begin{{array}}{{{column_letters([])}}} ", place
    found = tex_tokens.argument(tokens, place)
    if found is None:
        return r"\begin{array}", at + 1
    preamble, behind = found
    length = text_begins(preamble)
    if length < len(preamble):
        preamble, behind = preamble[:length], place + 1 + length
    return rf"\begin{{array}}{{{column_letters(preamble)}}}", behind


def _behind_option(tokens: Sequence[str], at: int) -> int:
    found = tex_tokens.option(tokens, at)
    return at if found is None else found[1]


def _behind_argument(tokens: Sequence[str], at: int) -> int:
    found = tex_tokens.argument(tokens, at)
    return at if found is None else found[1]
