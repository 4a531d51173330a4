r"""A formula in one line of plain text, such as "(a+b)/2" or "x^2": for people who read, not for programs that count.

Where a line could be read in two ways, or a command is not known here, the TeX itself is the better text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from gotwatch.render.formulas import limits, symbols
from gotwatch.render.formulas import tokens as tex_tokens

_GAP = "\ue000"  # a blank between letters and digits, and none beside other signs
_EMPTY = "    "  # a formula of blanks alone is a gap to be filled in
_SIMPLE = re.compile(r".|[^\W_]\W|\d+(?:[.,]\d+)?")
_PRIME = "\N{PRIME}"
_LONGEST_PRODUCT = 2  # letters
_ORDINALS = frozenset({"st", "nd", "rd", "th"})  # of 1st and so on
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_RELATION_CHARACTERS = frozenset("=<>≤≥≠≈→")
_ENCLOSED = {
    "matrix": ("", ""),
    "array": ("", ""),
    "smallmatrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{ ", ""),
}
_LINES = tex_tokens.names("aligned align align* gather gather* gathered split equation equation* multline multline*")
_TEXT = tex_tokens.names(
    r"\text \textbf \textit \textrm \texttt \textsf \textnormal \mbox \operatorname \operatorname* \mathrm"
)
_FONTS = tex_tokens.names(
    r"\mathbf \mathit \mathsf \mathtt \mathcal \mathscr \mathfrak \boldsymbol \bm \pmb \boxed \mathbin \mathrel"
    r" \mathop \mathord \mathopen \mathclose"
)
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?)")


class _Unsure(Exception):
    """This formula has no plain line."""


def linear(tex: str) -> str:
    """*tex* as plain text; its rows, if it has some, as lines. The TeX itself where that would not say the same."""
    if limits.why_not(tex):
        return tex
    try:
        return _settled(_Walk(tex_tokens.split(tex)).line()) or _EMPTY
    except _Unsure:
        return tex


class _Walk:
    """Reads the tokens from left to right, each command with its arguments."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def line(self) -> str:
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            yield self._piece(token)

    def _piece(self, token: str) -> str:
        if token.isspace() or token in symbols.UNSEEN:
            return ""
        if token in symbols.BLANKS:
            return " "
        if token.isalpha():
            return self._letters()
        name = tex_tokens.begun(token)
        if name is not None:
            return self._environment(name)
        if token in _COMMANDS:
            return _COMMANDS[token](self)
        return self._with_argument(token) if tex_tokens.is_command(token) else _character(token)

    def _with_argument(self, token: str) -> str:
        if token in _TEXT:
            return _word(_plain(self._raw_argument()))
        if token in _FONTS:
            return self._argument()
        if token in symbols.ACCENTS:
            return _accented(self._argument(), symbols.ACCENTS[token])
        if _SIZES.fullmatch(token):
            return self._delimiter()
        return _symbol(token)

    def _letters(self) -> str:
        """Letters that stand together are a word; the model writes symbols apart."""
        begin = self._at - 1
        while self._at < len(self._tokens) and self._tokens[self._at].isalpha():
            self._at += 1
        run = "".join(self._tokens[begin : self._at])
        return _word(run) if len(run) > _LONGEST_PRODUCT else run

    # Arguments

    def _raw_argument(self) -> Sequence[str]:
        found = tex_tokens.argument(self._tokens, self._at)
        if found is None:
            raise _Unsure
        inside, self._at = found
        return inside

    def _argument(self) -> str:
        return _Walk(self._raw_argument()).line()

    def _delimiter(self) -> str:
        self._at = tex_tokens.skip_blanks(self._tokens, self._at)
        if self._at == len(self._tokens):
            raise _Unsure
        token = self._tokens[self._at]
        self._at += 1
        return "" if token == "." else _symbol(token) if tex_tokens.is_command(token) else _character(token)

    # Commands

    def fraction(self) -> str:
        return f"{_GAP}{_grouped(self._argument())}/{_grouped(self._argument())}{_GAP}"

    def root(self) -> str:
        option = tex_tokens.option(self._tokens, self._at)
        degree = ""
        if option is not None:
            inside, self._at = option
            degree = _settled(_Walk(inside).line())
        sign = _ROOTS.get(degree)
        return (f"{_grouped(degree)}√" if sign is None else sign) + _grouped(self._argument())

    def binomial(self) -> str:
        return f"({_settled(self._argument())} choose {_settled(self._argument())})"

    def raised(self) -> str:
        inside = _settled(self._argument())
        if inside and set(inside) <= {_PRIME}:
            return inside
        if inside in _ORDINALS:
            return f"{inside}{_GAP}"
        return "°" if inside == "∘" else f"^{_grouped(inside)}{_GAP}"

    def lowered(self) -> str:
        return f"_{_grouped(self._argument())}{_GAP}"

    def under(self) -> str:
        below, base = self._argument(), self._argument()
        return f"{base}_{_grouped(below)}{_GAP}"

    def over(self) -> str:
        """Other signs have no place above."""
        if "".join(self._raw_argument()).strip() != r"\frown":
            raise _Unsure
        return self.arc()

    def arc(self) -> str:
        return f"\N{FROWN}{_settled(self._argument())}"

    def double_struck(self) -> str:
        letters = _settled(self._argument())
        return "".join(symbols.DOUBLE_STRUCK.get(letter, letter) for letter in letters)

    def tag(self) -> str:
        return f" ({_plain(self._raw_argument())})"

    def modulus(self) -> str:
        return f" (mod {_settled(self._argument())})"

    def negated(self) -> str:
        relation = _settled(_Walk(self._raw_argument()).line())
        if len(relation) != 1:
            raise _Unsure
        return f" {relation}\u0338 "

    def rows_in_argument(self) -> str:
        return ", ".join(_settled("".join(row)) for row in _rows(self._raw_argument()))

    def group(self) -> str:
        self._at -= 1  # back to its brace
        return self._argument()

    # Environments

    def _environment(self, name: str) -> str:
        inside = self._inside(name)
        if name == "array":
            found = tex_tokens.argument(inside, 0)
            inside = inside if found is None else inside[found[1] :]
        rows = [row for row in _rows(inside) if any(map(_settled, row))]
        if name in _LINES:
            return "\n".join(_settled("".join(row)) for row in rows)
        if name not in _ENCLOSED:
            raise _Unsure
        opening, closing = _ENCLOSED[name]
        return opening + "; ".join(", ".join(_settled(cell).rstrip(",;") for cell in row) for row in rows) + closing

    def _inside(self, name: str) -> Sequence[str]:
        begin, depth = self._at, 1
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            depth += (tex_tokens.begun(token) == name) - (tex_tokens.ended(token) == name)
            if depth == 0:
                return self._tokens[begin : self._at - 1]
        raise _Unsure


_COMMANDS: Mapping[str, Callable[[_Walk], str]] = {
    "{": _Walk.group,
    "^": _Walk.raised,
    "_": _Walk.lowered,
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), _Walk.fraction),
    **dict.fromkeys((r"\binom", r"\dbinom", r"\tbinom"), _Walk.binomial),
    r"\sqrt": _Walk.root,
    r"\underset": _Walk.under,
    r"\overset": _Walk.over,
    **dict.fromkeys((r"\overparen", r"\overarc", r"\wideparen"), _Walk.arc),
    r"\mathbb": _Walk.double_struck,
    r"\tag": _Walk.tag,
    r"\tag*": _Walk.tag,
    r"\pmod": _Walk.modulus,
    r"\not": _Walk.negated,
    r"\substack": _Walk.rows_in_argument,
}


def _rows(tokens: Sequence[str]) -> list[list[str]]:
    """The cells of each row, as lines."""
    rows: list[list[list[str]]] = [[[]]]
    depth = 0
    for token in tokens:
        depth += (token == "{" or tex_tokens.begun(token) is not None) - (
            token == "}" or tex_tokens.ended(token) is not None
        )
        if depth == 0 and token == r"\\":
            rows.append([[]])
        elif depth == 0 and token == "&":
            rows[-1].append([])
        elif token != r"\hline":
            rows[-1][-1].append(token)
    return [[_Walk(cell).line() for cell in row] for row in rows]


def _plain(tokens: Sequence[str]) -> str:
    """Words of a \\text, where nothing but escapes is a command."""
    text = "".join(symbols.SYMBOLS.get(token, " " if token in symbols.BLANKS else token) for token in tokens)
    if any(mark in text for mark in "\\{}$"):
        raise _Unsure
    return text


def _symbol(token: str) -> str:
    if token in symbols.RELATIONS:
        return f" {symbols.RELATIONS[token]} "
    if token in symbols.WORDS:
        return _word(symbols.WORDS[token])
    if token not in symbols.SYMBOLS:
        raise _Unsure
    return symbols.SYMBOLS[token]


def _character(token: str) -> str:
    if token in ("&", "}", "$", r"\\", "\\"):
        raise _Unsure
    if token[0] == "\\":
        return _symbol(token)
    if token in _RELATION_CHARACTERS:
        return f" {token} "
    return {",": ", ", "'": _PRIME}.get(token, token)


def _word(text: str) -> str:
    """Set apart from letters beside it, if it is more than one letter."""
    return f"{_GAP}{text}{_GAP}" if len(text) > 1 else text


def _accented(text: str, mark: str) -> str:
    letters = _settled(text)
    if not letters.isalnum() or (len(letters) > 1 and mark not in ("\u0305", "\u0332")):
        raise _Unsure
    return "".join(letter + mark for letter in letters)


def _grouped(text: str) -> str:
    inside = _settled(text)
    compact = re.sub(r" ?([=<>≤≥≠≈→∈]) ?", r"\1", inside)
    is_word = compact.isalpha() and _GAP in text
    return compact if is_word or _SIMPLE.fullmatch(compact) else f"({compact})"


_GAPS = re.compile(f"{_GAP}+")
_USELESS_GAP = re.compile(rf"(?<![^\W_]){_GAP}|{_GAP}(?![^\W_√∛∜∫∑∏∂∇])")
_THOUSANDS = re.compile(r"(?<=\d), (?=\d{3}(?!\d))")
_BLANKS = re.compile(rf"[ {_GAP}]+")


def _settled(text: str) -> str:
    """*text* with its blanks made real."""
    return _THOUSANDS.sub(",", _BLANKS.sub(" ", _USELESS_GAP.sub("", _GAPS.sub(_GAP, text)))).strip(" ")
