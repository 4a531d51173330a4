"""The words that GOT-OCR2.0 was trained to answer, as token ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gotwatch.documents import Mode, Prompt

IMAGE = "<imgpad>"
END_OF_TURN = "<|im_end|>"
END_OF_TEXT = "<|endoftext|>"

_HEAD = (
    "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
    "<|im_start|>user\n<img>"
)
_TAIL = "</img>\n{query}<|im_end|><|im_start|>assistant\n"
_QUERIES = {Mode.PLAIN: "OCR: ", Mode.FORMAT: "OCR with format: "}  # trained with the space at the end


@dataclass(frozen=True, slots=True)
class PromptIds:
    """What prompts are made of in one vocabulary."""

    head: tuple[int, ...]  # up to the first image token
    image: int
    tails: Mapping[Mode, tuple[int, ...]]  # from behind the last image token
    stops: tuple[int, ...]  # the model has ended the page
    pad: int


# The real vocabulary's ids: known without a tokenizer, and what a checkpoint's own tokenizer must give.
# fmt: off
GOT = PromptIds(
    head=(
        151644, 8948, 198, 2610, 1265, 1795, 279, 11221, 15516, 323, 10339, 697, 11253, 304, 7716, 13, 151645,
        151644, 872, 198, 151857,
    ),
    image=151859,
    tails={
        Mode.PLAIN: (151858, 198, 93495, 25, 220, 151645, 151644, 77091, 198),
        Mode.FORMAT: (151858, 198, 93495, 448, 3561, 25, 220, 151645, 151644, 77091, 198),
    },
    stops=(151645, 151643),
    pad=151643,
)
# fmt: on


def prompt_ids(prompt: Prompt, ids: PromptIds, *, views: int, tokens_per_view: int) -> list[int]:
    """The whole prompt for a page in *views* images. One pair of image marks holds them all."""
    return [*ids.head, *[ids.image] * (views * tokens_per_view), *ids.tails[prompt.mode]]


def in_vocabulary(encode: Callable[[str], list[int]]) -> PromptIds:
    """The prompts' ids in another vocabulary. *encode* must take the marks (<img>, <|im_end|>, …) as one token each."""
    end_of_text = _only(encode(END_OF_TEXT))
    return PromptIds(
        head=tuple(encode(_HEAD)),
        image=_only(encode(IMAGE)),
        tails={mode: tuple(encode(_TAIL.format(query=query))) for mode, query in _QUERIES.items()},
        stops=(_only(encode(END_OF_TURN)), end_of_text),
        pad=end_of_text,
    )


def _only(ids: list[int]) -> int:
    (single,) = ids
    return single
