"""What the model is asked, token by token."""

from pathlib import Path

import pytest

from gotwatch.documents import Mode, Prompt
from gotwatch.engine.got import prompt
from gotwatch.engine.got.prompt import GOT, prompt_ids
from gotwatch.engine.got.vocabulary import Vocabulary, open_vocabulary
from gotwatch.errors import CheckpointMissing
from tests import tiny_got

SYSTEM = [151644, 8948, 198, 2610, 1265, 1795, 279, 11221, 15516, 323, 10339, 697, 11253, 304, 7716, 13, 151645]
USER = [151644, 872, 198]
ANSWER = [151645, 151644, 77091, 198]


@pytest.mark.parametrize(
    ("mode", "query"), [(Mode.PLAIN, [93495, 25, 220]), (Mode.FORMAT, [93495, 448, 3561, 25, 220])]
)
def test_a_page_is_asked_for_in_the_words_of_the_training(mode: Mode, query: list[int]) -> None:
    ids = prompt_ids(Prompt(mode), GOT, views=1, tokens_per_view=256)

    assert ids == [*SYSTEM, *USER, 151857, *[151859] * 256, 151858, 198, *query, *ANSWER]


@pytest.mark.parametrize(("mode", "length"), [(Mode.PLAIN, 286), (Mode.FORMAT, 288)])
def test_the_prompt_has_the_length_that_the_model_knows(mode: Mode, length: int) -> None:
    assert len(prompt_ids(Prompt(mode), GOT, views=1, tokens_per_view=256)) == length


def test_all_views_stand_between_one_pair_of_marks() -> None:
    ids = prompt_ids(Prompt(), GOT, views=7, tokens_per_view=256)

    assert ids.count(151859) == 7 * 256
    assert ids.count(151857) == ids.count(151858) == 1


def test_both_tokens_that_end_a_page_are_known() -> None:
    assert GOT.stops == (151645, 151643)


def test_another_vocabulary_gives_the_same_words_in_its_own_ids() -> None:
    vocabulary = Vocabulary(tiny_got.tokenizer())

    ids = prompt_ids(Prompt(), vocabulary.prompt_ids, views=1, tokens_per_view=2)

    assert tiny_got.tokenizer().decode(ids, skip_special_tokens=False) == (
        "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
        "<|im_start|>user\n<img><imgpad><imgpad></img>\nOCR: <|im_end|><|im_start|>assistant\n"
    )
    assert vocabulary.prompt_ids.stops == (tiny_got.IM_END, tiny_got.END_OF_TEXT)


def test_text_is_stripped_and_keeps_every_other_space() -> None:
    vocabulary = Vocabulary(tiny_got.tokenizer())
    written = tiny_got.tokenizer().encode("\n don 't  do , that .\n").ids

    assert vocabulary.text(written) == "don 't  do , that ."


def test_marks_do_not_stand_in_the_text() -> None:
    vocabulary = Vocabulary(tiny_got.tokenizer())

    assert vocabulary.text([*tiny_got.tokenizer().encode("end").ids, tiny_got.IM_END]) == "end"


def test_half_a_character_at_a_cut_end_is_left_off() -> None:
    vocabulary = Vocabulary(tiny_got.tokenizer())
    written = tiny_got.tokenizer().encode("naïve 你").ids[:-1]

    assert vocabulary.text(written) == "naïve"


def test_a_tokenizer_without_the_marks_is_refused_by_their_names(tmp_path: Path) -> None:
    plain = tiny_got.tokenizer().to_str().replace("<imgpad>", "<else>")
    (tmp_path / "tokenizer.json").write_text(plain, "utf-8")

    with pytest.raises(CheckpointMissing, match="it has no <imgpad>"):
        open_vocabulary(tmp_path, image_token=tiny_got.IMG_PAD)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    tiny_got.tokenizer().save(str(tmp_path / "tokenizer.json"))

    with pytest.raises(CheckpointMissing, match="it puts images at 261, the model at 151859"):
        open_vocabulary(tmp_path, image_token=prompt.GOT.image)


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0", "mod', "utf-8")

    with pytest.raises(CheckpointMissing, match=r"tokenizer\.json is damaged"):
        open_vocabulary(tmp_path, image_token=tiny_got.IMG_PAD)
