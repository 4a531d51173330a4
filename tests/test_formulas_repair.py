import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.render.formulas import limits
from gotwatch.render.formulas import tokens as tex_tokens
from gotwatch.render.formulas.prepare import prepared
from gotwatch.render.formulas.repair import repaired
from tests.formula_lists import BROKEN, SOUND

_PIECES = [r"\frac", r"\left", r"\right", "(", ")", "{", "}", "[", "]", "^", "_", "'", "&", r"\\", "$", "%", "#", " "]
_PIECES += [r"\begin{array}", r"\end{array}", r"\begin{cases}", r"\end{cases}", r"\text", r"\sqrt", r"\hline", "a", "7"]
_PIECES += [r"\multicolumn", r"\overset", r"\underset", r"\tag", r"\middle", r"\alpha", "\\", "中", "|", "."]
tex_like = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


def words(tex: str) -> list[str]:
    return [token for token in tex_tokens.split(tex) if token.isalnum()]


@given(st.text())
def test_tokens_joined_are_the_tex(tex: str) -> None:
    assert "".join(tex_tokens.split(tex)) == tex


@given(tex_like)
def test_a_repair_loses_no_letter_and_no_digit(tex: str) -> None:
    assert words(repaired(tex).tex) == words(tex)


@given(tex_like)
def test_what_is_repaired_needs_no_second_repair_of_brackets(tex: str) -> None:
    mended = repaired(tex).tex

    tokens = tex_tokens.split(mended)
    assert tokens.count("{") == tokens.count("}")
    assert tokens.count(r"\left") == tokens.count(r"\right")


@given(tex_like, st.booleans())
def test_any_tex_can_be_prepared(tex: str, display: bool) -> None:
    assert isinstance(prepared(tex, display=display), str)


@pytest.mark.parametrize("tex", SOUND)
def test_a_sound_formula_is_not_changed_by_a_repair(tex: str) -> None:
    ready = prepared(tex, display=True)

    assert repaired(ready).tex == ready
    assert repaired(ready).said == ()


@pytest.mark.parametrize("tex", [tex for tex in BROKEN if tex not in (r"\left{ a \right}", r"\undefinedmacro{x}")])
def test_a_repair_says_what_it_did(tex: str) -> None:
    assert repaired(tex).said


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        (r"x^2^3", r"x^2{}^3"),
        (r"x'^2", r"x'^2"),
        (r"x_1^2", r"x_1^2"),
        (r"\frac{a}{b", r"\frac{a}{b}"),
        (r"\frac{1}", r"\frac{1}{}"),
        (r"\left( \frac{1}{x}", r"( \frac{1}{x}"),
        (r"\frac{1}{2} \right)^{2}", r"\frac{1}{2} )^{2}"),
        (r"\left\langle a", r"\langle  a"),
        (r"\left a", " a"),
        (r"\begin{array}{c} 1 \\ 2", r"\begin{array}{c} 1 \\ 2\end{array}"),
        (r"a &= b \\ c", r"\begin{aligned}a &= b \\ c\end{aligned}"),
        (r"\text{a & b}", r"\text{a \& b}"),
        (r"\text{$x$}", r"\text{$x$}"),
        ("cost $5", r"cost \$5"),
        (r"\begin{cases} x \end{} y", r"\begin{cases} x \end{cases} y"),
    ],
)
def test_a_broken_formula_is_mended_like_this(broken: str, mended: str) -> None:
    assert repaired(broken).tex == mended


@pytest.mark.parametrize(
    ("written", "ready"),
    [
        (r"\begin{tabular}{|l|@{}p{3cm}*{2}{c}} a \end{tabular}", r"\begin{array}{|l|lcc} a \end{array}"),
        (r"\begin{tabular}[t]{*{999999999}{c}} a", r"\begin{array}{c} a"),
        (r"\begin{array}{c a & b} c \end{array}", r"\begin{array}{c}a & b} c \end{array}"),
        (r"\begin{array}{l words on it} c", r"\begin{array}{l}words on it} c"),
        (r"\begin{array}{lN@{words and}c} c", r"\begin{array}{lc} c"),
        (r"\begin{array} b & c", r"\begin{array}{c} b & c"),
        (r"\multicolumn{3}{c}{b}", r"{b} & &"),
        (r"\multirow{2}{* x^2 + y} z", r"\multirow{2}{* x^2 + y} z"),
        (r"\multicolumn \$ 120,000", r"\multicolumn \$ 120,000"),
        (
            r"\vspace{words that stand behind a brace that is never closed} z",
            r"\vspace{words that stand behind a brace that is never closed} z",
        ),
        (r"\alpha\vspace{1cm}b", r"\alpha b"),
        (r"a\label{eq:my_sum-1}b", r"a b"),
        (r"a\label{eq:my", r"a "),
        (r"a\label b", r"a  b"),
        (r"\label{figt\{ x \mid \left( y + z \right\}", r" {figt\{ x \mid \left( y + z \right\}"),
        (r"\label{f=m c^{2}} z", r" {f=m c^{2}} z"),
        (r"\textcolor{#ff0000}{#1}", r"\textcolor{#ff0000}{\#1}"),
        (r"\overset{\frown}{A B}", r"\overparen{A B}"),
        (r"\overset{", r"\overset{"),
        (r"\mbox{a} \ref{eq:1}", r"\text{a} \text{eq:1}"),
    ],
)
def test_what_engines_do_not_read_is_written_otherwise(written: str, ready: str) -> None:
    assert prepared(written, display=False) == ready


@pytest.mark.parametrize(
    ("tex", "why"),
    [
        ("x" * 6_001, "longer than 6,000 characters"),
        ("{" * 61, "more than 60 levels deep"),
        (r"\left(" * 61, "more than 60 levels deep"),
        (r"\def\a{b}", r"\def is no part of a formula"),
        ("{}" * 1_000, ""),
    ],
)
def test_what_no_page_holds_is_given_to_no_engine(tex: str, why: str) -> None:
    assert limits.why_not(tex) == why
