"""What the names behind backslashes and in \\begin{...} mean outside of formulas."""

from enum import Enum, auto

from gotwatch.render.blocks import Style


def _each(names: str, arguments: int) -> dict[str, int]:
    return dict.fromkeys(names.split(), arguments)


class Family(Enum):
    """Environments that are read in the same way; one may be closed by the name of another."""

    MATH = auto()
    TABLE = auto()
    LIST = auto()
    STATEMENT = auto()
    FIGURE = auto()
    QUOTE = auto()
    FRONT = auto()
    PLAIN = auto()  # shows its content and nothing else
    VERBATIM = auto()
    DRAWING = auto()


_MEMBERS = {
    Family.MATH: """equation align alignat aligned alignedat flalign gather gathered multline eqnarray displaymath math
        split cases rcases dcases array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix subarray""",
    Family.TABLE: "tabular tabularx tabulary longtable xltabular supertabular tabu",
    Family.LIST: "itemize enumerate description compactitem compactenum tasks",
    Family.STATEMENT: """theorem lemma proof proposition corollary definition remark remarks example examples exercise
        problem solution claim conjecture notation observation fact note hypothesis assumption axiom property question
        answer case algorithm acknowledgements acknowledgments acknowledgement thm lem prop cor defn rem""",
    Family.FIGURE: "figure table wrapfigure wraptable subfigure subtable sidewaysfigure sidewaystable scheme chart",
    Family.QUOTE: "quote quotation verse displayquote",
    Family.FRONT: "abstract keywords keyword",
    Family.PLAIN: """center flushleft flushright minipage multicols document titlepage adjustbox landscape small
        footnotesize scriptsize tiny large Large spacing singlespace doublespace threeparttable tablenotes subequations
        frame samepage framed mdframed tcolorbox CJK sloppypar raggedright""",
    Family.VERBATIM: "verbatim lstlisting minted Verbatim alltt",
    Family.DRAWING: "tikzpicture",
}
FAMILIES = {name: family for family, names in _MEMBERS.items() for name in names.split()}

ORDERED_LISTS = frozenset({"enumerate", "compactenum", "tasks"})

# How many {arguments} of layout stand behind \begin{...}; any [option] before them is layout too.
LAYOUT_ARGUMENTS = {
    "tabularx": 1,
    "tabular*": 1,
    "tabulary": 1,
    "xltabular": 1,
    "minipage": 1,
    "multicols": 1,
    "spacing": 1,
    "wrapfigure": 2,
    "wraptable": 2,
    "subfigure": 1,
    "subtable": 1,
    "CJK": 2,
    "minted": 1,
    "adjustbox": 1,
}

STYLES = {
    "textbf": Style.BOLD,
    "textit": Style.ITALIC,
    "textsl": Style.ITALIC,
    "emph": Style.ITALIC,
    "underline": Style.UNDERLINE,
    "uline": Style.UNDERLINE,
    "sout": Style.STRUCK,
    "st": Style.STRUCK,
    "texttt": Style.MONOSPACE,
    "textsc": Style.SMALL_CAPITALS,
    "textsuperscript": Style.RAISED,
    "textsubscript": Style.LOWERED,
}

# Written behind the brace that they reach to: {\bf words}.
SWITCHES = {
    "bf": Style.BOLD,
    "bfseries": Style.BOLD,
    "it": Style.ITALIC,
    "itshape": Style.ITALIC,
    "em": Style.ITALIC,
    "sl": Style.ITALIC,
    "tt": Style.MONOSPACE,
    "ttfamily": Style.MONOSPACE,
    "sc": Style.SMALL_CAPITALS,
    "scshape": Style.SMALL_CAPITALS,
}

# Show their last argument; the number is of the ones before it, which are layout.
TRANSPARENT = {
    **_each("text textrm textsf textnormal textmd textup mbox hbox fbox makecell shortstack thead", 0),
    **_each("centerline framebox makebox uppercase MakeUppercase lowercase ensuremath smash", 0),
    **_each("textcolor colorbox parbox raisebox rotatebox scalebox foreignlanguage", 1),
    **_each("resizebox fcolorbox", 2),
}

# Show nothing; the number is of their {arguments}.
SILENT = {
    **_each("centering raggedright raggedleft noindent indent maketitle tableofcontents newpage", 0),
    **_each("clearpage pagebreak bigskip medskip smallskip vfill hfill break allowbreak protect relax", 0),
    **_each("tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge", 0),
    **_each("rm sf normalfont rmfamily sffamily mdseries upshape selectfont displaystyle textstyle", 0),
    **_each("appendix onecolumn twocolumn arraybackslash endhead endfirsthead endfoot endlastfoot", 0),
    **_each("label vspace captionsetup pagestyle thispagestyle usetikzlibrary usepackage", 1),
    **_each("documentclass cellcolor rowcolor columncolor color noalign bibliographystyle phantom", 1),
    **_each("setcounter setlength addtocounter addtolength", 2),
    **_each("fontsize", 2),
}

# Show a space or a break of the line; the number is of their {arguments}.
SPACES = {
    "quad": ("\u2003", 0),
    "qquad": ("\u2003\u2003", 0),
    "enspace": ("\u2002", 0),
    "thinspace": ("\u2009", 0),
    "space": (" ", 0),
    "hspace": ("\u2003", 1),
    "rule": ("____", 2),
    "hrulefill": ("________", 0),
    "dotfill": ("\u2026\u2026", 0),
    "newline": ("\n", 0),
    "linebreak": ("\n", 0),
    "par": ("\n", 0),
    "and": ("\n", 0),  # between authors
    "tabularnewline": ("\n", 0),
}

SYMBOLS = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "i": "\u0131",  # without its dot
    "j": "\u0237",
    "dag": "†",
    "ddag": "‡",
    "dagger": "†",
    "ddagger": "‡",
    "S": "§",
    "P": "¶",
    "copyright": "©",
    "textcopyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "pounds": "£",
    "euro": "€",
    "texteuro": "€",
    "textyen": "¥",
    "textcent": "¢",
    "textdegree": "°",
    "textmu": "µ",
    "textpm": "±",
    "textnumero": "№",
    "ldots": "…",
    "dots": "…",
    "textellipsis": "…",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
    "textunderscore": "_",
    "textdollar": "$",
    "textbullet": "•",
    "textperiodcentered": "·",
    "textendash": "\u2013",
    "textemdash": "\u2014",
    "textquoteleft": "\u2018",
    "textquoteright": "\u2019",
    "textquotedblleft": "\u201c",
    "textquotedblright": "\u201d",
    "guillemotleft": "«",
    "guillemotright": "»",
    "checkmark": "✓",
    "slash": "/",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
}

# Behind a backslash: the character itself.
ESCAPED = frozenset("$%&#_{}|<>*@\u00a3\u00a7")
# Behind a backslash: a space, or nothing.
SPACING = {" ": " ", ",": "\u2009", ";": " ", ":": " ", "!": "", "/": "", "-": ""}

# Behind a backslash: the combining character that goes onto the next letter.
ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
}
LETTER_ACCENTS = {
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "r": "\u030a",
    "k": "\u0328",
    "d": "\u0323",
    "b": "\u0331",
}

# Formulas that the model forgot to mark; the number is of their {arguments}.
BARE_MATH = {
    **_each("alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi", 0),
    **_each("pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma", 0),
    **_each("Upsilon Phi Psi Omega infty partial nabla hbar ell emptyset varnothing forall exists", 0),
    **_each("times div pm mp cdot cdots vdots ast star circ bullet oplus otimes odot cap cup", 0),
    **_each("leq geq le ge neq ne approx equiv sim simeq cong propto ll gg in notin subset supset", 0),
    **_each("subseteq supseteq perp parallel angle triangle square blacksquare diamond degree therefore", 0),
    **_each("because to rightarrow leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow", 0),
    **_each("uparrow downarrow mapsto longrightarrow iff implies sum prod int oint", 0),
    **_each("sqrt mathrm mathbf mathit mathbb mathcal mathsf operatorname overline hat bar vec dot tilde", 1),
    **_each("overrightarrow widehat boldsymbol bm boxed", 1),
    **_each("frac dfrac tfrac binom", 2),
}

# Open a block of their own, with the level of the heading.
HEADINGS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
FRONT = frozenset({"author", "date", "keywords", "address", "affiliation", "affil", "email", "institute"})

HORIZONTAL_LINES = frozenset({"hline", "toprule", "midrule", "bottomrule", "specialrule", "Xhline", "thickhline"})
PARTIAL_LINES = frozenset({"cline", "cmidrule", "cdashline"})


def family_of(name: str) -> Family | None:
    return FAMILIES.get(name.removesuffix("*"))
