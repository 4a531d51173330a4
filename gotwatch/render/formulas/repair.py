r"""Mends TeX that was cut off or that the model wrote wrong: brackets, environments, scripts, arguments.

One walk over the tokens with a stack of what is open. Nothing that would be seen is taken away.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from gotwatch.render.formulas import tokens as tex_tokens

# How many arguments a command takes, of those that a formula breaks off in.
_ARGUMENTS = {
    **dict.fromkeys(
        (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac", r"\binom", r"\overset", r"\underset", r"\stackrel", r"\textcolor"),
        2,
    ),
    **dict.fromkeys(
        tex_tokens.names(
            r"\sqrt \text \textbf \textit \mathrm \mathbf \mathbb \mathcal \mathfrak \mathscr \mathsf \mathit \bm"
            r" \boldsymbol \operatorname \operatorname* \hat \widehat \bar \overline \underline \tilde \widetilde \vec"
            r" \dot \ddot \boxed \underbrace \overbrace \overparen \overrightarrow \overleftarrow \cancel \substack ^ _"
        ),
        1,
    ),
}
_TEXT = tex_tokens.names(
    r"\text \textbf \textit \textrm \texttt \textsf \textsc \textup \textmd \textnormal \textcircled \fbox"
)
_ESCAPED_IN_TEXT = {"&": r"\&", "_": r"\_", "^": r"\char`^ "}
_DELIMITERS_OF_FORMULAS = frozenset((r"\(", r"\)", r"\[", r"\]"))
_RULES = frozenset((r"\hline", r"\hdashline"))
_NOTHING = " "  # a blank, so that a command in front does not run into the letter behind
_DELIMITERS = tex_tokens.names(
    r"( ) [ ] { } < > / | . \{ \} \| \langle \rangle \lfloor \rfloor \lceil \rceil \lvert \rvert \lVert \rVert"
    r" \vert \Vert \lbrace \rbrace \lbrack \rbrack \llbracket \rrbracket \lgroup \rgroup \ulcorner \urcorner"
    r" \lmoustache \rmoustache \llcorner \lrcorner \uparrow \downarrow \updownarrow \Uparrow \Downarrow \Updownarrow"
    r" \backslash \lt \gt"
)
_BRACES = {"{": r"\{", "}": r"\}"}


@dataclass(slots=True)
class _Open:
    """Something that was opened and must be closed. Changed as the walk goes on, and seen by it alone."""

    opener: str  # "{", "\\left", or the name of an environment
    place: int = 0  # of the opener in what is written
    is_text: bool = False
    scripts: str = ""  # on the last symbol: "^", "_", "'"
    wanted: int = 0  # arguments that the last command still waits for

    @property
    def is_environment(self) -> bool:
        return self.opener not in ("", "{", r"\left")


@dataclass(frozen=True, slots=True)
class Repaired:
    tex: str
    said: tuple[str, ...]  # what was mended, as parts of a sentence


def repaired(tex: str) -> Repaired:
    walk = _Walk(tex_tokens.split(tex))
    mended = walk.mend()
    if walk.lost_environment:
        # Rows and cells, but what they stood in is gone.
        wrapped = _Walk(tex_tokens.split(rf"\begin{{aligned}}{tex}\end{{aligned}}"))
        return Repaired(wrapped.mend(), (*wrapped.said, "a lost environment was put around rows"))
    return Repaired(mended, tuple(walk.said))


@dataclass(slots=True)
class _Walk:
    tokens: list[str]
    at: int = 0
    written: list[str] = field(default_factory=list)
    open: list[_Open] = field(default_factory=lambda: [_Open("")])
    said: dict[str, None] = field(default_factory=dict)
    stray_cells: bool = False
    stray_rows: bool = False

    @property
    def lost_environment(self) -> bool:
        return self.stray_cells and self.stray_rows

    def mend(self) -> str:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            self._take(token)
        while len(self.open) > 1:
            self._close()
        self._fill_arguments()
        return "".join(self.written)

    def _take(self, token: str) -> None:
        if token.isspace():
            self.written.append(token)
        elif (begun := tex_tokens.begun(token)) is not None:
            self._begin(begun, token)
        elif (ended := tex_tokens.ended(token)) is not None:
            self._end(ended)
        elif token in self._SPECIAL:
            self._SPECIAL[token](self, token)
        elif token in _DELIMITERS_OF_FORMULAS or token == "\\":
            self._leave_out("a stray mark")
        elif token in _RULES:
            self._rule(token)
        else:
            self._atom(token)

    # What is written as it stands

    def _atom(self, token: str) -> None:
        self._count_atom()
        self.written.append(token)
        self.open[-1].wanted += _ARGUMENTS.get(token, 0)

    def _count_atom(self) -> None:
        here = self.open[-1]
        if here.wanted:
            here.wanted -= 1
        else:
            here.scripts = ""

    # Groups

    def _brace(self, token: str) -> None:
        is_text = self.open[-1].is_text or self._last_command() in _TEXT
        self._count_atom()
        self.open.append(_Open("{", len(self.written), is_text))
        self.written.append(token)

    def _last_command(self) -> str:
        return next((text for text in reversed(self.written) if not text.isspace()), "")

    def _unbrace(self, _token: str) -> None:
        if not self._is_open("{"):
            self._leave_out("a stray }")
            return
        while self.open[-1].opener != "{":
            self._close()
        self._fill_arguments()
        self.open.pop()
        self.written.append("}")

    def _left(self, token: str) -> None:
        self._count_atom()
        self.open.append(_Open(r"\left", len(self.written)))
        self.written.append(token + self._delimiter())

    def _right(self, _token: str) -> None:
        delimiter = self._delimiter()
        if not self._is_open(r"\left"):
            self._say(r"a \right without \left became a plain bracket")
            self.written.append(_alone(delimiter))
            return
        while self.open[-1].opener != r"\left":
            self._close()
        self._fill_arguments()
        self.open.pop()
        self.written.append(rf"\right{delimiter}")

    def _middle(self, token: str) -> None:
        delimiter = self._delimiter()
        self.written.append((token + delimiter) if self._is_open(r"\left") else _alone(delimiter))

    def _delimiter(self) -> str:
        self.at = tex_tokens.skip_blanks(self.tokens, self.at)
        if self.at == len(self.tokens) or self.tokens[self.at] not in _DELIMITERS:
            return "."
        delimiter = self.tokens[self.at]
        self.at += 1
        return _BRACES.get(delimiter, delimiter)

    # Environments

    def _begin(self, name: str, token: str) -> None:
        self._count_atom()
        self.open.append(_Open(name, len(self.written)))
        self.written.append(token)

    def _end(self, name: str) -> None:
        innermost = next((level.opener for level in reversed(self.open) if level.is_environment), None)
        if innermost is None:
            self._leave_out(rf"a stray \end{{{name}}}")
            return
        wanted = name if name and self._is_open(name) else innermost
        if wanted != name:
            self._say(f"\\end{{{name}}} closes {wanted}")
        while self.open[-1].opener != wanted:
            self._close()
        self._fill_arguments()
        self.open.pop()
        self.written.append(rf"\end{{{wanted}}}")

    def _cell(self, token: str) -> None:
        if self.open[-1].is_text or not any(level.is_environment for level in self.open):
            self.stray_cells = self.stray_cells or not self.open[-1].is_text
            self._say("a stray & is shown")
            self.written.append(r"\&")
        else:
            self._next_place(token)

    def _row(self, token: str) -> None:
        if self.open[-1].opener == r"\left":
            self._close_up_to_environment()
        if self.open[-1].is_environment:
            self._next_place(token)
        else:
            self.stray_rows = self.stray_rows or len(self.open) == 1
            self.written.append(token)

    def _next_place(self, token: str) -> None:
        self._close_up_to_environment()
        self._fill_arguments()
        self.open[-1].scripts = ""
        self.written.append(token)

    def _close_up_to_environment(self) -> None:
        while len(self.open) > 1 and not self.open[-1].is_environment:
            self._close()

    def _rule(self, token: str) -> None:
        if any(level.is_environment for level in self.open):
            self.written.append(token)
        else:
            self._leave_out("a stray rule")

    # Scripts and escapes

    def _script(self, token: str) -> None:
        here = self.open[-1]
        if here.is_text:
            self._say(f"a bare {token} in text is shown")
            self.written.append(_ESCAPED_IN_TEXT[token])
            return
        self._fill_arguments()
        if token in here.scripts:
            self._say("a second script stands beside the first")
            self.written.append("{}")
            here.scripts = ""
        here.scripts += token
        here.wanted = 1
        self.written.append(token)

    def _prime(self, token: str) -> None:
        here = self.open[-1]
        if not here.is_text and "^" in here.scripts:
            self._say("a second script stands beside the first")
            self.written.append("{}")
            here.scripts = ""
        self.written.append(token)

    def _dollar(self, token: str) -> None:
        if not self.open[-1].is_text:
            self._say("a stray $ is shown")
            token = r"\$"
        self.written.append(token)

    # What is missing

    def _fill_arguments(self) -> None:
        here = self.open[-1]
        if here.wanted:
            self._say("a missing argument was left empty")
            self.written.append("{}" * here.wanted)
            here.wanted = 0

    def _close(self) -> None:
        self._fill_arguments()
        level = self.open.pop()
        if level.opener == "{":
            self._say("a missing } was added")
            self.written.append("}")
        elif level.opener == r"\left":
            self._say(r"a \left without \right became a plain bracket")
            self.written[level.place] = _alone(self.written[level.place].removeprefix(r"\left"))
        else:
            self._say(f"a missing \\end{{{level.opener}}} was added")
            self.written.append(rf"\end{{{level.opener}}}")

    def _is_open(self, opener: str) -> bool:
        return any(level.opener == opener for level in self.open)

    def _leave_out(self, what: str) -> None:
        self._say(f"{what} was left out")
        self.written.append(_NOTHING)

    def _say(self, what: str) -> None:
        self.said[what] = None

    _SPECIAL: ClassVar[Mapping[str, Callable[["_Walk", str], None]]] = {
        "{": _brace,
        "}": _unbrace,
        r"\left": _left,
        r"\right": _right,
        r"\middle": _middle,
        "&": _cell,
        r"\\": _row,
        "^": _script,
        "_": _script,
        "'": _prime,
        "$": _dollar,
    }


def _alone(delimiter: str) -> str:
    return _NOTHING if delimiter == "." else delimiter + (" " if delimiter[1:].isalpha() else "")
