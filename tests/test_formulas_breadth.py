"""How wide formulas are said to be. What comes of it on paper is tried in a browser."""

import pytest

from gotwatch.render.formulas.breadth import ems_of, measured

SUM = "<math><mrow>" + "<mi>a</mi><mo>+</mo>" * 40 + "<mi>b</mi></mrow></math>"


@pytest.mark.parametrize(
    ("mathml", "least", "most"),
    [
        ("<math><mi>x</mi></math>", 0.5, 0.7),
        ("<math><mi>x</mi><mo>=</mo><mi>y</mi></math>", 2.0, 2.8),
        ("<math><mtext>\u4f60\u597d\u4f60\u597d</mtext></math>", 4.0, 4.0),
        ("<math><mfrac><mn>1234</mn><mn>12</mn></mfrac></math>", 2.0, 3.0),
        ("<math><msup><mi>x</mi><mn>12</mn></msup></math>", 1.2, 1.6),
        ("<math><munderover><mo>\u2211</mo><mrow><mi>i</mi></mrow><mi>n</mi></munderover></math>", 1.0, 1.6),
        (
            "<math><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>123</mn></mtd></mtr><mtr><mtd><mn>12</mn></mtd></mtr></mtable></math>",
            3,
            4.5,
        ),
        ('<math><mspace width="3em"></mspace></math>', 3, 3),
        ("<math></mi></mrow>", 0, 0),
        ("", 0, 0),
    ],
)
def test_a_formula_is_about_so_wide(mathml: str, least: float, most: float) -> None:
    assert least <= ems_of(mathml) <= most


def test_what_fits_on_paper_is_left_as_it_is() -> None:
    assert measured("<math><mi>x</mi></math>" * 3) == "<math><mi>x</mi></math>" * 3


@pytest.mark.parametrize(
    ("attributes", "then"),
    [
        ("", '<math style="--ems:77">'),
        (' display="block" class="c"', '<math style="--ems:77" display="block" class="c">'),
        (' class="c" style="color:red"', '<math class="c" style="--ems:77;color:red">'),
    ],
)
def test_a_wide_one_says_how_wide_it_is(attributes: str, then: str) -> None:
    assert measured(SUM.replace("<math>", f"<math{attributes}>")).startswith(then)


def test_a_style_further_in_is_not_taken_for_its_own() -> None:
    inner = SUM.replace("<mrow>", '<mrow style="color:red">')

    assert measured(inner).startswith('<math style="--ems:77"><mrow style="color:red">')


def test_deep_nesting_is_no_trouble() -> None:
    assert ems_of("<mrow>" * 100_000 + "<mi>x</mi>" + "</mrow>" * 100_000) == pytest.approx(0.6)
