"""The engine "got" against transformers' generate: the same tokens, whatever is written beside them."""

import random
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from transformers import GenerationConfig

from gotwatch.documents import BoxBy, Color, Finish, Mode, Prompt
from gotwatch.engine.got import hf, preprocess, products, vision
from gotwatch.engine.got.batcher import Batcher
from gotwatch.engine.got.device import CPU
from gotwatch.engine.got.draft import Order
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM
from gotwatch.engine.got.vision import VisionTower
from tests import tiny_got
from tests.got_shop import Shop, limits, page

pytestmark = pytest.mark.usefixtures("one_thread")

LONGEST = 256
PROMPTS = (
    Prompt(),
    Prompt(Mode.FORMAT),
    Prompt(crop=True),
    Prompt(box=(10, 10, 60, 50)),
    Prompt(Mode.FORMAT, box=(10, 10, 60, 50), box_by=BoxBy.PROMPT),
    Prompt(color=Color.RED),
    Prompt(Mode.FORMAT, crop=True),
)
LOG_PROB_TOLERANCE = 1e-4
FEATURE_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Expected:
    ids: list[int]
    log_probs: list[float]


class Both(Shop):
    """One checkpoint, as we run it and as transformers does."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reference = hf.build_model(self.opened.tensors, CPU)

    def expected(self, order: Order) -> Expected:
        """What generate gives, greedy and with the n-gram guard."""
        pixels = torch.from_numpy(preprocess.normalised(order.views, self.opened.recipe))
        ids = torch.tensor([order.ids])
        output = self.reference.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            pixel_values=pixels,
            generation_config=GenerationConfig(
                do_sample=False,
                max_new_tokens=order.max_new_tokens,
                no_repeat_ngram_size=NO_REPEAT_NGRAM,
                eos_token_id=list(self.opened.vocabulary.stops),
                pad_token_id=self.opened.vocabulary.pad,
                output_scores=True,
                return_dict_in_generate=True,
            ),
        )
        written = output.sequences[0, len(order.ids) :].tolist()
        scores = [step.log_softmax(dim=-1)[0, token].item() for step, token in zip(output.scores, written, strict=True)]
        return Expected(written, scores)


def write(batcher: Batcher, orders: Sequence[Order], *, at_once: bool) -> list[Written]:
    """Write *orders*, begun all at once, or one now and one then while the others are at it."""
    futures: list[Future[Written]] = []
    dice, waiting = random.Random(7), list(orders)
    with torch.inference_mode():
        while waiting or batcher.busy:
            while waiting and (at_once or not batcher.busy or dice.random() < 0.05):
                futures.append(batcher.submit(waiting.pop(0)))
            batcher.step()
    return [future.result() for future in futures]


def check(written: Written, expected: Expected, stops: Sequence[int]) -> None:
    ids = [token for token in expected.ids if token not in stops]
    kept = ids[: len(written.ids)] if written.finish is Finish.LOOP else ids
    assert list(written.ids) == kept
    assert written.log_probs == pytest.approx(expected.log_probs[: len(written.log_probs)], abs=LOG_PROB_TOLERANCE)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    """A model of each size, and one of them in the layout of the first publication."""
    folders = {
        name: tiny_got.make(tmp_path_factory.mktemp("got") / "port", seed=seed, size=size, never_stops=seed % 2 == 0)
        for seed, (name, size) in enumerate(tiny_got.SIZES.items())
    }
    first = next(iter(folders.values()))
    folders["original"] = tiny_got.make_original(first, first.parent / "original")
    return {name: Both(folder) for name, folder in folders.items()}


NAMES = (*tiny_got.SIZES, "original")


@pytest.mark.parametrize("name", NAMES)
def test_every_mode_gives_the_tokens_of_generate_alone(models: dict[str, Both], name: str) -> None:
    both = models[name]
    orders = [both.order(page(seed), prompt, longest=20) for seed, prompt in enumerate(PROMPTS)]

    alone = [write(both.batcher(), [order], at_once=True)[0] for order in orders]

    for order, written in zip(orders, alone, strict=True):
        check(written, both.expected(order), both.opened.vocabulary.stops)


@pytest.mark.parametrize(("name", "steps"), [*((name, 1) for name in NAMES), (NAMES[0], 5)])
def test_pages_that_come_and_go_beside_each_other_get_the_tokens_of_generate(
    models: dict[str, Both], name: str, steps: int
) -> None:
    both = models[name]
    lengths = (LONGEST if name == NAMES[0] else 60, 20, 30, 1, 50, 25, 15)
    orders = [
        both.order(page(seed), prompt, longest=longest)
        for seed, (prompt, longest) in enumerate(zip(PROMPTS, lengths, strict=True), start=20)
    ]

    beside = write(both.batcher(limits(slots=4, steps=steps)), orders, at_once=False)

    for order, written in zip(orders, beside, strict=True):
        check(written, both.expected(order), both.opened.vocabulary.stops)


@pytest.mark.parametrize("name", NAMES)
def test_the_vision_model_sees_what_transformers_sees(models: dict[str, Both], name: str) -> None:
    both = models[name]
    views = both.order(page(3), Prompt(crop=True)).views
    pixels = torch.from_numpy(preprocess.normalised(views, both.opened.recipe))
    tower = VisionTower(both.opened.tensors, both.opened.sizes.vision, both.opened.recipe, products.dense)

    with torch.inference_mode():
        seen = tower(torch.from_numpy(views))
        expected = both.reference.model.get_image_features(pixels).pooler_output

    assert (seen - expected).abs().max() / expected.abs().max() < FEATURE_TOLERANCE


@pytest.mark.parametrize("side", [5, 23])  # a window, and a whole view, whose last tile is a short one
def test_folded_positions_are_the_biased_ones(side: int) -> None:
    torch.manual_seed(1)
    head_dim = 16
    query, key, value = (torch.randn(2, 3, side * side, head_dim) for _ in range(3))
    rel_h, rel_w = (torch.randn(side, side, head_dim) for _ in range(2))

    folded = vision.folded(query, key, value, rel_h, rel_w)

    torch.testing.assert_close(folded, vision.biased(query, key, value, rel_h, rel_w), atol=1e-5, rtol=1e-5)


def test_a_stop_in_first_place_gives_an_empty_page(tmp_path: Path) -> None:
    both = Both(tiny_got.make(tmp_path / "port", stops_at_once=True))

    (written,) = write(both.batcher(), [both.order(page(1), Prompt())], at_once=True)

    assert (written.ids, written.finish) == ((), Finish.STOP)
