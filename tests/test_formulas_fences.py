"""Which brackets and integrals are told to close the gap beside them."""

import re
from collections.abc import Iterator

import pytest

from gotwatch.render.formulas import fences
from gotwatch.render.formulas.engine import FormulaRequest
from gotwatch.render.formulas.typeset import Formulas, open_formulas

pytest.importorskip("quickjs")

_BRACKET = re.compile(r'<mo ([^>]*fence="true"[^>]*)>([^<]*)')


@pytest.fixture(scope="module")
def formulas() -> Iterator[Formulas]:
    opened = open_formulas()
    yield opened
    opened.close()


def signs(formulas: Formulas, tex: str) -> list[str]:
    """Each bracket, with "<" before it if it stretches, "f" if it is told to close its gap."""
    mathml = formulas.render([FormulaRequest(tex)])[0].html
    return [_sign(attributes, sign) for attributes, sign in _BRACKET.findall(mathml)]


def _sign(attributes: str, sign: str) -> str:
    marks = (("<", 'stretchy="true"'), ("f", 'class="fence"'))
    return "".join(mark for mark, attribute in marks if attribute in attributes) + sign


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\left(x^{2}-a_{i}\right)", ["(", ")"]),
        (r"\left|x\right|", ["|", "|"]),
        (r"\left(\left[x\right]^{2}\right)", ["(", "[", "]", ")"]),
        (r"\left(\frac{1}{2}\right)", ["<f(", "<f)"]),
        (r"\left|\frac{1}{2}\right|", ["<|", "<|"]),
        (r"\left(\left(x\right)+\frac{1}{2}\right)", ["<f(", "(", ")", "<f)"]),
        (r"\left(a\middle|b\right)", ["<f(", "<f)"]),
        (r"\left\{\sum x\right.", ["<f{", "<"]),
        (r"\left(\rule{1em}{3em}\right)", ["<f(", "<f)"]),
        (r"\begin{pmatrix} a \\ b \end{pmatrix}", ["<(", "<)"]),
        (r"\bigl(x\bigr)", ["f(", "f)"]),
        (r"\binom{n}{k}", ["f(", "f)"]),
    ],
)
def test_a_bracket_stretches_only_where_it_has_to(formulas: Formulas, tex: str, expected: list[str]) -> None:
    assert signs(formulas, tex) == expected


@pytest.mark.parametrize(
    ("tex", "display", "closed"),
    [
        (r"\int_{a} x", True, True),
        (r"\int_{a} x", False, False),
        (r"\int_{0}^{1} x", True, False),
        (r"\int_{-\infty}^{1} x", True, True),
        (r"\sum_{a} x", True, False),
        (r"\frac{\int_{a} x}{2}", True, False),
        (r"\frac{\displaystyle\int_{a} x}{2}", False, True),
        (r"x^{\int_{a}}", True, False),
        (r"\begin{aligned} \int_{a} & x \end{aligned}", True, True),
        (r"\begin{array}{c} \int_{a} x \end{array}", True, False),
    ],
)
def test_a_large_integral_draws_near_what_follows_its_lower_bound(
    formulas: Formulas, tex: str, display: bool, closed: bool
) -> None:
    mathml = formulas.render([FormulaRequest(tex, display)])[0].html

    assert ('class="integral"' in mathml) is closed


def test_all_else_stays_as_it_was() -> None:
    mathml = (
        '<math title="a>b"><mrow><mo>&lt;</mo><mspace width="1em"></mspace>\n<mtext>a &amp; b</mtext></mrow></math>'
    )

    assert fences.fitted(mathml) == mathml
