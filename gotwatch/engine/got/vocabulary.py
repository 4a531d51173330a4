"""A checkpoint's tokenizer: the only module that reads tokenizer.json."""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from gotwatch.engine.got import prompt
from gotwatch.errors import CheckpointMissing

_MARKS = ("<|im_start|>", prompt.END_OF_TURN, prompt.END_OF_TEXT, "<img>", "</img>", prompt.IMAGE)


class Vocabulary:
    """Turns prompts into ids and the model's ids into text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.prompt_ids = prompt.in_vocabulary(lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids))

    def text(self, ids: Sequence[int]) -> str:
        """What the model wrote. Marks are left out; half a character at the end of a text that was cut, too."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text.strip().removesuffix("\N{REPLACEMENT CHARACTER}").rstrip()


def open_vocabulary(folder: Path, *, image_token: int) -> Vocabulary:
    """Read the tokenizer of the checkpoint in *folder*, whose model expects images at *image_token*.

    Raises CheckpointMissing where prompts in it would not be what the model was trained on.
    """
    tokenizer = _read(folder / "tokenizer.json")
    if absent := [mark for mark in _MARKS if tokenizer.token_to_id(mark) is None]:
        raise _refused(folder, f"it has no {', '.join(absent)}")
    vocabulary = Vocabulary(tokenizer)
    ids = vocabulary.prompt_ids
    if ids.image != image_token:
        raise _refused(folder, f"it puts images at {ids.image}, the model at {image_token}")
    if image_token == prompt.GOT.image and ids != prompt.GOT:
        raise _refused(folder, "it gives other ids for the prompts than GOT-OCR2.0 was trained on")
    return vocabulary


def _read(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as exc:  # the library raises nothing narrower
        raise CheckpointMissing(
            f"{path} is damaged: {exc}", hint="Delete this file and fetch or copy it again."
        ) from exc


def _refused(folder: Path, why: str) -> CheckpointMissing:
    hint = "Use the tokenizer.json that came with the weights."
    return CheckpointMissing(f"The tokenizer in {folder} does not fit the model: {why}", hint=hint)
