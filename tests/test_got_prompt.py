"""What the model is asked, token by token."""

import re
from dataclasses import replace

import numpy as np
import pytest
from transformers import GotOcr2Processor, PreTrainedTokenizerFast
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

from gotwatch.documents import BoxBy, Color, Mode, Prompt, PromptStyle
from gotwatch.engine.got.prompt import GOT_HEAD, GOT_IMAGE, GOT_TAIL, known_to, per_mille, prompt_ids, query
from tests import tiny_got

PAGE = (200, 100)
FULL = {"views": 1, "tokens_per_view": 256, "page_size": PAGE}

SYSTEM = [151644, 8948, 198, 2610, 1265, 1795, 279, 11221, 15516, 323, 10339, 697, 11253, 304, 7716, 13, 151645]
HUB_SYSTEM = [*SYSTEM[:3], 286, 1446, *SYSTEM[4:]]
USER = [151644, 872, 198]
ANSWER = [151645, 151644, 77091, 198]


class RealIds:
    """The pieces of the prompts at their places in the real vocabulary."""

    # fmt: off
    PLACES = {
        "<|im_start|>": 151644, "<|im_end|>": 151645, "<img>": 151857, "</img>": 151858, "system": 8948, "\n": 198,
        "You": 2610, " " * 7: 286, " You": 1446, " should": 1265, " follow": 1795, " the": 279, " instructions": 11221,
        " carefully": 15516, " and": 323, " explain": 10339, " your": 697, " answers": 11253, " in": 304,
        " detail": 7716, ".": 13, "user": 872, "assistant": 77091, "OCR": 93495, " OCR": 80577, ":": 25, " ": 220,
        " with": 448, " format": 3561, " upon": 5193, " patch": 10900, " reference": 5785, " across": 3941,
        " multi": 7299, " pages": 6816, "[": 58, "]": 60, ",": 11, "red": 1151, "green": 13250, "blue": 12203,
        **{digit: 15 + int(digit) for digit in "0123456789"},
    }
    # fmt: on
    image = 151859

    def encode(self, text: str) -> list[int]:
        longest_first = sorted(self.PLACES, key=len, reverse=True)
        pieces = re.findall("|".join(map(re.escape, longest_first)), text)
        assert "".join(pieces) == text
        return [self.PLACES[piece] for piece in pieces]


REAL = RealIds()
PLAIN, FORMAT = Prompt(), Prompt(Mode.FORMAT)
QUERIES = [
    (PLAIN, [93495, 25, 220]),
    (FORMAT, [93495, 448, 3561, 25, 220]),
    (Prompt(color=Color.RED), [58, 1151, 60, 80577, 25, 220]),
    (Prompt(Mode.FORMAT, color=Color.GREEN), [58, 13250, 60, 80577, 448, 3561, 25, 220]),
    (Prompt(color=Color.BLUE), [58, 12203, 60, 80577, 25, 220]),
    (Prompt(crop=True), [93495, 5193, 279, 10900, 5785, 25, 220]),
    (Prompt(Mode.FORMAT, crop=True), [93495, 448, 3561, 5193, 279, 10900, 5785, 25, 220]),
    (Prompt(Mode.FORMAT, multi_page=True), [93495, 448, 3561, 3941, 7299, 6816, 25, 220]),
    (Prompt(box=(10, 20, 30, 40)), [93495, 25, 220]),
    (
        Prompt(box=(10, 20, 30, 40), box_by=BoxBy.PROMPT),  # [50, 200, 150, 400]
        [58, 20, 15, 11, 220, 17, 15, 15, 11, 220, 16, 20, 15, 11, 220, 19, 15, 15, 60, 80577, 25, 220],
    ),
    (Prompt(Mode.FORMAT, box=(1, 7)), [58, 20, 11, 220, 22, 15, 60, 80577, 448, 3561, 25, 220]),  # [5, 70]
]


@pytest.mark.parametrize(("prompt", "words"), QUERIES)
def test_a_page_is_asked_for_in_the_words_of_the_training(prompt: Prompt, words: list[int]) -> None:
    ids = prompt_ids(prompt, REAL, **FULL)

    assert ids == [*SYSTEM, *USER, 151857, *[151859] * 256, 151858, 198, *words, *ANSWER]


@pytest.mark.parametrize(("prompt", "words"), QUERIES)
def test_the_hub_s_style_differs_by_a_token_in_the_head(prompt: Prompt, words: list[int]) -> None:
    ids = prompt_ids(replace(prompt, style=PromptStyle.HUB), REAL, **FULL)

    assert ids == [*HUB_SYSTEM, *USER, 151857, *[151859] * 256, 151858, 198, *words, *ANSWER]


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        (PLAIN, [80577, 25, 220]),
        (FORMAT, [80577, 448, 3561, 25, 220]),
        (Prompt(color=Color.RED), [58, 1151, 60, 220, 80577, 25, 220]),
        (Prompt(Mode.FORMAT, crop=True), [80577, 448, 3561, 5193, 279, 10900, 5785, 25, 220]),
        (Prompt(Mode.FORMAT, multi_page=True), [80577, 448, 3561, 3941, 7299, 6816, 25, 220]),
        (Prompt(box=(10, 20), box_by=BoxBy.PROMPT), [58, 20, 15, 11, 220, 17, 15, 15, 60, 80577, 25, 220]),
    ],
)
def test_the_library_s_style_differs_by_a_space_before_the_query(prompt: Prompt, words: list[int]) -> None:
    ids = prompt_ids(replace(prompt, style=PromptStyle.HF), REAL, **FULL)

    assert ids == [*SYSTEM, *USER, 151857, *[151859] * 256, 151858, 198, *words, *ANSWER]


@pytest.mark.parametrize(("prompt", "length"), [(PLAIN, 286), (FORMAT, 288), (Prompt(color=Color.RED), 289)])
def test_the_prompt_has_the_length_that_the_model_knows(prompt: Prompt, length: int) -> None:
    assert len(prompt_ids(prompt, REAL, **FULL)) == length


def test_what_a_real_checkpoint_must_give_is_the_plain_prompt() -> None:
    ids = prompt_ids(PLAIN, REAL, **FULL)

    assert ids == [*GOT_HEAD, *[GOT_IMAGE] * 256, *GOT_TAIL]


class OtherIds(RealIds):
    """Of the real size, and another model's."""

    PLACES = {**RealIds.PLACES, "OCR": 93494}


@pytest.mark.parametrize(("vocabulary", "known"), [(REAL, True), (OtherIds(), False)])
def test_a_vocabulary_of_the_real_size_must_give_the_prompt_of_the_training(vocabulary: RealIds, known: bool) -> None:
    assert known_to(vocabulary) is known


def test_all_views_stand_between_one_pair_of_marks() -> None:
    ids = prompt_ids(Prompt(crop=True), REAL, views=7, tokens_per_view=256, page_size=PAGE)

    assert ids.count(151859) == 7 * 256
    assert ids.count(151857) == ids.count(151858) == 1


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 200, 100), [0, 0, 1000, 1000]),
        ((1, 1, 133, 66), [5, 10, 665, 660]),
        ((-5, -5, 999, 999), [0, 0, 1000, 1000]),
        ((67, 33), [335, 330]),
        ((-1, 500), [0, 1000]),
    ],
)
def test_a_box_is_told_in_thousandths_of_the_page_and_ends_at_its_edges(
    box: tuple[int, ...], expected: list[int]
) -> None:
    assert per_mille(box, PAGE) == expected


def test_thousandths_are_cut_off_as_in_the_training() -> None:
    assert per_mille((29, 1), (100, 3)) == [int(29 / 100 * 1000), 333]


LIBRARY = [
    (PLAIN, {}),
    (FORMAT, {"format": True}),
    (Prompt(color=Color.GREEN), {"color": "green"}),
    (Prompt(Mode.FORMAT, box=(10, 20, 30, 40), box_by=BoxBy.PROMPT), {"format": True, "box": [10, 20, 30, 40]}),
    (Prompt(Mode.FORMAT, crop=True), {"format": True, "crop_to_patches": True, "max_patches": 6}),
]


@pytest.mark.parametrize(("prompt", "asked"), LIBRARY)
def test_the_library_s_own_processor_writes_its_style(prompt: Prompt, asked: dict[str, object]) -> None:
    tokens = PreTrainedTokenizerFast(tokenizer_object=tiny_got.tokenizer())
    processor = GotOcr2Processor(GotOcr2ImageProcessorPil(size={"height": 64, "width": 64}), tokens)
    image = np.zeros((120, 120, 3), np.uint8)  # square: the library counts a box's x by the height

    (ids,) = processor(image, num_image_tokens=1, **asked)["input_ids"]

    written = tokens.decode(ids).rpartition("</img>\n")[2].partition("<|im_end|>")[0]
    assert written == query(replace(prompt, style=PromptStyle.HF), (120, 120))
