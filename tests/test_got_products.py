"""Products with weights in floats and in 8 bits."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from gotwatch.engine.base import Precision
from gotwatch.engine.got import device, model, opened, products
from gotwatch.engine.got.slots import Slots
from tests import tiny_got

INPUTS, OUTPUTS = 64, 48
FEW, MANY = 3, 40  # rows: one kernel each


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def relative_error(found: torch.Tensor, exact: torch.Tensor) -> float:
    return float((found - exact).norm() / exact.norm())


@pytest.mark.parametrize("shape", [(1, INPUTS), (FEW, INPUTS), (2, 5, 7, INPUTS), (0, INPUTS)])
@pytest.mark.parametrize("has_bias", [True, False])
def test_a_dense_product_is_what_pytorch_computes(
    random: torch.Generator, shape: tuple[int, ...], has_bias: bool
) -> None:
    weight = torch.randn(OUTPUTS, INPUTS, generator=random)
    bias = torch.randn(OUTPUTS, generator=random) if has_bias else None
    inputs = torch.randn(shape, generator=random)

    outputs = products.dense(weight, bias)(inputs)

    torch.testing.assert_close(outputs, F.linear(inputs, weight, bias))


def test_a_dense_product_takes_inputs_that_do_not_lie_in_order(random: torch.Generator) -> None:
    weight = torch.randn(OUTPUTS, INPUTS, generator=random)
    inputs = torch.randn(2, INPUTS, 9, generator=random).transpose(1, 2)

    outputs = products.dense(weight, None)(inputs)

    torch.testing.assert_close(outputs, F.linear(inputs, weight))


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_a_dense_product_stays_in_the_type_of_its_weights(random: torch.Generator, kind: torch.dtype) -> None:
    weight = torch.randn(OUTPUTS, INPUTS, generator=random).to(kind)
    inputs = torch.randn(FEW, INPUTS, generator=random).to(kind)

    outputs = products.dense(weight, None)(inputs)

    assert outputs.dtype == kind


@pytest.mark.parametrize("make_product", [products.dense, products.int8])
def test_the_rows_of_a_product_are_its_weights(random: torch.Generator, make_product: products.MakeProduct) -> None:
    weight = torch.randn(OUTPUTS, INPUTS, generator=random)
    numbers = torch.tensor([[5, 0, 5], [47, 1, 2]])

    rows = make_product(weight, None).rows(numbers)

    assert rows.shape == (2, 3, INPUTS)
    torch.testing.assert_close(rows, weight[numbers], atol=0.02, rtol=0)


@pytest.mark.parametrize("rows", [1, FEW, MANY])
@pytest.mark.parametrize("has_kernel", [True, False])
@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("has_bias", [True, False])
def test_weights_of_8_bits_are_wrong_by_one_percent_at_most_on_every_machine(
    random: torch.Generator, rows: int, has_kernel: bool, kind: torch.dtype, has_bias: bool
) -> None:
    weight = torch.randn(OUTPUTS, INPUTS, generator=random)
    bias = torch.randn(OUTPUTS, generator=random) if has_bias else None
    inputs = torch.randn(rows, INPUTS, generator=random)
    product = replace(products.int8(weight, bias), has_kernel=has_kernel, kind=kind)

    outputs = product(inputs)

    assert outputs.dtype == torch.float32
    assert relative_error(outputs, F.linear(inputs, weight, bias)) < 0.01


@pytest.mark.parametrize("inputs_count", [24, 17, 1])
def test_products_that_do_not_fit_the_kernel_are_right_too(random: torch.Generator, inputs_count: int) -> None:
    """It reads 16 weights at a time, also behind the end of the last row."""
    weight = torch.randn(OUTPUTS, inputs_count, generator=random)
    inputs = torch.randn(FEW, inputs_count, generator=random)

    outputs = products.int8(weight, None)(inputs)

    assert relative_error(outputs, F.linear(inputs, weight)) < 0.01


@pytest.mark.parametrize("rows", [FEW, MANY])
def test_each_row_of_weights_has_a_scale_of_its_own(random: torch.Generator, rows: int) -> None:
    """One scale for all would lose the small rows altogether."""
    sizes = torch.logspace(-6, 6, OUTPUTS)
    weight = torch.randn(OUTPUTS, INPUTS, generator=random) * sizes[:, None]
    inputs = torch.randn(rows, INPUTS, generator=random)

    outputs = products.int8(weight, None)(inputs)

    assert relative_error(outputs / sizes, F.linear(inputs, weight) / sizes) < 0.01


@pytest.mark.parametrize("rows", [FEW, MANY])
def test_a_large_number_among_the_inputs_costs_the_others_nothing(random: torch.Generator, rows: int) -> None:
    """Inputs that were rounded to 8 bits as well would be lost beside it."""
    weight = torch.randn(OUTPUTS, INPUTS, generator=random)
    weight[:, 0] = 0
    inputs = torch.randn(rows, INPUTS, generator=random)
    exact = F.linear(inputs, weight)
    inputs[:, 0] = 1e4

    outputs = products.int8(weight, None)(inputs)

    assert relative_error(outputs, exact) < 0.01


def test_a_row_of_zeros_gives_zeros() -> None:
    weight = torch.zeros(OUTPUTS, INPUTS)

    product = products.int8(weight, None)

    assert not product(torch.ones(FEW, INPUTS)).any()
    assert not product(torch.ones(MANY, INPUTS)).any()


def test_rows_beside_others_come_out_as_alone(random: torch.Generator) -> None:
    product = products.int8(torch.randn(OUTPUTS, INPUTS, generator=random), None)
    inputs = torch.randn(4, INPUTS, generator=random)

    together = product(inputs)

    alone = torch.cat([product(row[None]) for row in inputs])
    torch.testing.assert_close(together, alone, atol=0, rtol=0)


def test_weights_that_are_made_floats_in_several_blocks_give_one_product(random: torch.Generator) -> None:
    weight = torch.randn(600, 8192, generator=random)
    inputs = torch.randn(MANY, 8192, generator=random)

    outputs = products.int8(weight, None)(inputs)

    assert outputs.shape == (MANY, 600)
    assert relative_error(outputs, F.linear(inputs, weight)) < 0.01


@pytest.mark.parametrize("name", tiny_got.SIZES)
def test_a_model_with_weights_of_8_bits_answers_almost_the_same(tmp_path: Path, name: str) -> None:
    checkpoint = opened.open_checkpoint(
        str(tiny_got.make(tmp_path / "port", size=tiny_got.SIZES[name])), lambda _: None
    )
    ids = torch.arange(30)[None]

    exact, rounded = (
        first_logits(model.build(checkpoint, device.pick("cpu", precision)), ids)
        for precision in (Precision.FP32, Precision.INT8)
    )

    assert 0 < relative_error(rounded, exact) < 0.2  # in a model of noise, which no training has made robust


def first_logits(built: model.Model, ids: torch.Tensor) -> torch.Tensor:
    decoder = built.decoder
    slots = Slots(decoder.sizes, dtype=built.on.dtype, device=built.on.name)
    slots.resize(1, 128)
    positions = torch.arange(ids.shape[1])[None]
    with torch.inference_mode():
        return decoder.predict(decoder.embed(ids), positions, slots.cache, slice(0, 1), reach=128)
