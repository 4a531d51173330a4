# ruff: noqa: RUF001 - formulas have characters that look alike
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.render.formulas.linear import linear
from tests.formula_lists import BROKEN, HOSTILE, SOUND


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"x^{2}+6 x-5=0", "x^2+6x-5 = 0"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\frac{1}{2} x^{2}", "1/2 x^2"),
        (r"\sqrt{x}", "√x"),
        (r"\sqrt[3]{x+1}", "∛(x+1)"),
        (r"\frac{-b \pm \sqrt{b^{2}-4 a c}}{2 a}", "(-b±√(b^2-4ac))/(2a)"),
        (r"x_{i j}^{2 n}", "x_(ij)^(2n)"),
        (r"a_{1} b", "a_1 b"),
        (r"\sin^{2} x+2 \cos \theta", "sin^2 x+2 cos θ"),
        (r"\angle A O B=60^{\circ}", "∠AOB = 60°"),
        (r"f^{\prime}(x)+g'(x)", "f′(x)+g′(x)"),
        (r"\|\nabla u\| \leq C", "‖∇u‖ ≤ C"),
        (r"\sum_{i=1}^{n} i", "∑_(i=1)^n i"),
        (r"\underset{x \in B}{\operatorname{max}} f", "max_(x∈B)f"),
        (r"\left\{\begin{array}{l} x+y=5, \\ y=1 \end{array}\right.", "{x+y = 5; y = 1"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a, b; c, d)"),
        (r"\begin{cases} 1, & x>0 \\ 0 & \text{otherwise} \end{cases}", "{ 1, x > 0; 0, otherwise"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a = b\n= c"),
        (r"2 \pi \mathrm{cm}", "2π cm"),
        (r"\$ 120,000", "$120,000"),
        (r"x \in \mathbb{R}", "x ∈ ℝ"),
        (r"\hat{x} \overline{A B}", "x̂A̅B̅"),
        (r"\overparen{A B}=\overset{\frown}{C D}", "⌢AB = ⌢CD"),
        (r"5^{\text {th }}", "5th"),
        (r"a=b \tag{2.1}", "a = b (2.1)"),
        (r"\binom{n}{k}", "(n choose k)"),
        (r"a \not= b", "a ≠ b".replace("≠", "=\u0338")),
        ("中文", "中文"),
    ],
)
def test_a_usual_formula_has_a_plain_line(tex: str, text: str) -> None:
    assert linear(tex) == text


@pytest.mark.parametrize(
    "tex", [r"\underbrace{a}_{b}", r"\xrightarrow{a}", r"\frac{1}", r"a & b", r"\mathbb", "x}", *HOSTILE]
)
def test_a_formula_without_a_plain_line_stays_tex(tex: str) -> None:
    assert linear(tex) == tex


def test_blanks_alone_are_a_gap() -> None:
    assert linear(r"\qquad").isspace()


@pytest.mark.parametrize("tex", [*SOUND, *BROKEN])
def test_no_digit_is_lost_in_a_plain_line(tex: str) -> None:
    digits = [character for character in tex.split("3cm")[0] if character.isdigit()]

    shown = [character for character in linear(tex) if character.isdigit()]

    assert shown == digits or "√" in linear(tex) or "∛" in linear(tex) or linear(tex) == tex


@given(st.text(alphabet="\\{}^_&abc12 frasqtlefigh()[]'$%#~", max_size=60))
def test_any_text_has_a_line(tex: str) -> None:
    assert isinstance(linear(tex), str)
