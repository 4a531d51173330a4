"""Tokens of both kinds of file, and which are refused."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, pre_tokenizers

from gotwatch.engine.checkpoint.vocabulary import Vocabulary, open_vocabulary
from gotwatch.errors import CheckpointMissing
from tests import tiny_got

QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MERGES = (("t", "h"), ("th", "e"), ("Ġ", "the"), ("Ġ", "t"), ("O", "C"), ("OC", "R"), ("Ġ", "Ġ"), ("o", "r"))


def config(image: int = tiny_got.IMG_PAD, rows: int = tiny_got.VOCABULARY) -> dict[str, Any]:
    return {"image_token_index": image, "text_config": {"vocab_size": rows}}


def merging() -> Tokenizer:
    """With a few merges, split as the real one is."""
    split = pre_tokenizers.Split(Regex(QWEN_PATTERN), "isolated")
    return tiny_got.tokenizer(
        MERGES, pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    )


@pytest.fixture(params=["tokenizer.json", "qwen.tiktoken"])
def vocabulary(request: pytest.FixtureRequest, tmp_path: Path) -> Vocabulary:
    """The same tokens out of either file."""
    write(tmp_path, request.param, tiny_got.tokenizer())
    return open_vocabulary(tmp_path, config())


def write(folder: Path, name: str, tokens: Tokenizer) -> None:
    if name == "tokenizer.json":
        tokens.save(str(folder / name))
    else:
        (folder / name).write_bytes(tiny_got.tiktoken_lines(tokens))


def tokens_of(folder: Path, name: str) -> Vocabulary:
    folder.mkdir(exist_ok=True)
    write(folder, name, merging())
    shift = len(MERGES)
    return open_vocabulary(folder, config(tiny_got.IMG_PAD + shift, tiny_got.VOCABULARY + shift))


def test_the_marks_are_where_the_file_or_the_config_says(vocabulary: Vocabulary) -> None:
    assert vocabulary.stops == (tiny_got.IM_END, tiny_got.END_OF_TEXT)
    assert vocabulary.pad == tiny_got.END_OF_TEXT
    assert vocabulary.image == tiny_got.IMG_PAD
    assert vocabulary.encode("<|im_start|><img></img>") == [tiny_got.IM_START, tiny_got.IMG, tiny_got.IMG_END]


def test_words_become_the_tokens_of_the_library(vocabulary: Vocabulary) -> None:
    text = "<|im_start|>user\n<img><imgpad></img>\nOCR: <|im_end|>"

    assert vocabulary.encode(text) == tiny_got.tokenizer().encode(text).ids


@pytest.mark.parametrize("name", ["tokenizer.json", "qwen.tiktoken"])
def test_merges_are_taken_over(tmp_path: Path, name: str) -> None:
    vocabulary = tokens_of(tmp_path, name)

    @given(st.text("the OCRor\n12'", max_size=30))
    def same(text: str) -> None:
        assert vocabulary.encode(text) == merging().encode(text).ids

    same()


def test_the_original_s_file_is_preferred_as_it_loads_faster(tmp_path: Path) -> None:
    write(tmp_path, "qwen.tiktoken", tiny_got.tokenizer())
    (tmp_path / "tokenizer.json").write_text("{", "utf-8")

    assert open_vocabulary(tmp_path, config()).image == tiny_got.IMG_PAD


def test_text_is_stripped_and_keeps_every_other_space(vocabulary: Vocabulary) -> None:
    written = tiny_got.tokenizer().encode("\n don 't  do , that .\n").ids

    assert vocabulary.text(written) == "don 't  do , that ."


def test_marks_do_not_stand_in_the_text(vocabulary: Vocabulary) -> None:
    assert vocabulary.text([*tiny_got.tokenizer().encode("end").ids, tiny_got.IM_END, 263]) == "end"


def test_half_a_character_at_a_cut_end_is_left_off(vocabulary: Vocabulary) -> None:
    written = tiny_got.tokenizer().encode("naïve 你").ids[:-1]

    assert vocabulary.text(written) == "naïve"


def test_a_tokenizer_without_the_marks_is_refused_by_their_names(tmp_path: Path) -> None:
    plain = tiny_got.tokenizer().to_str().replace("<imgpad>", "<else>")
    (tmp_path / "tokenizer.json").write_text(plain, "utf-8")

    with pytest.raises(CheckpointMissing, match="it has no <imgpad>"):
        open_vocabulary(tmp_path, config())


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "tokenizer.json", tiny_got.tokenizer())

    with pytest.raises(CheckpointMissing, match="it puts images at 261, the model at 151859"):
        open_vocabulary(tmp_path, config(151859, 151860))


@pytest.mark.parametrize(("image", "rows"), [(258, 264), (261, 261), (100, 264), (0, 264)])
def test_marks_without_a_place_of_their_own_are_refused(tmp_path: Path, image: int, rows: int) -> None:
    (tmp_path / "qwen.tiktoken").write_bytes(tiny_got.tiktoken_lines())

    with pytest.raises(CheckpointMissing, match="have no place each"):
        open_vocabulary(tmp_path, config(image, rows))


def test_merges_in_another_order_than_their_ids_are_refused(tmp_path: Path) -> None:
    content = json.loads(merging().to_str())
    content["model"]["merges"].reverse()
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), "utf-8")

    with pytest.raises(CheckpointMissing, match="another order"):
        open_vocabulary(tmp_path, config(269, 272))


LINES = tiny_got.tiktoken_lines()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        LINES[:-1000],
        LINES + b"!! 256\n",
        LINES + b"YWE=\n",
        LINES + base64.b64encode(b"aa") + b" 3\n",
        LINES + base64.b64encode(b"aa") + b" -1\n",
        LINES + base64.b64encode(b"aa") + b" 99999999999999999999\n",
        LINES + base64.b64encode(b"aa") + b" " + b"9" * 5000 + b"\n",
        LINES + b" 256\n",
        LINES + base64.b64encode(b"a") + b" 256\n",
        b"\x00\xff\n" * 9,
    ],
)
def test_a_damaged_list_of_tokens_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "qwen.tiktoken").write_bytes(content)

    with pytest.raises(CheckpointMissing, match=r"qwen\.tiktoken is damaged"):
        open_vocabulary(tmp_path, config())


def changed(**changes: Any) -> str:
    content = json.loads(tiny_got.tokenizer().to_str())
    content["model"] |= changes
    return json.dumps(content)


@pytest.mark.parametrize(
    "content",
    [
        '{"version": "1.0", "mod',
        "[]",
        "{}",
        '{"model": 3}',
        changed(vocab=[1, 2]),
        changed(vocab={"a": "b"}),
        changed(vocab={"你": 0}),
        changed(vocab={"a": 0}),
        changed(merges=[["a", "zz"]]),
        changed(merges=[["a", 3]]),
        changed(merges=7),
        changed(vocab={"a": 1e400}),
        "[" * 100_000,
    ],
)
def test_a_damaged_tokenizer_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, "utf-8")

    with pytest.raises(CheckpointMissing, match=r"tokenizer\.json is damaged"):
        open_vocabulary(tmp_path, config())
