"""A checkpoint's tokens: the only module that knows tiktoken, and how its two kinds of file list them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tiktoken

from gotwatch.engine import weights
from gotwatch.engine.checkpoint.files import damaged, read_json
from gotwatch.errors import CheckpointMissing

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>")  # one token each

_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_PRINTABLE = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}

Ranks = dict[bytes, int]
Marks = Mapping[str, int]


class Vocabulary:
    """Turns prompts into ids and the model's ids into text."""

    def __init__(self, ranks: Ranks, marks: Marks) -> None:
        self.pad, _, end_of_turn, _, _, self.image = (marks[mark] for mark in MARKS)
        self.stops = (end_of_turn, self.pad)  # the model has ended the page
        self._count = len(ranks)
        self._encoding = tiktoken.Encoding("got", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens=dict(marks))

    def encode(self, text: str) -> list[int]:
        """*text* of our own: marks in it (<img>, <|im_end|>, …) become the one token that they stand for."""
        ids: list[int] = self._encoding.encode(text, allowed_special="all")
        return ids

    def text(self, ids: Sequence[int]) -> str:
        """What the model wrote. Marks are left out; half a character at the end of a text that was cut, too."""
        written: bytes = self._encoding.decode_bytes([token for token in ids if token < self._count])
        return written.decode("utf-8", "replace").strip().removesuffix("\N{REPLACEMENT CHARACTER}").rstrip()


def open_vocabulary(folder: Path, config: Mapping[str, Any]) -> Vocabulary:
    """Read the tokens of the checkpoint in *folder*. *config*: as layout.port_config() gave it.

    Raises CheckpointMissing where they are damaged, or not the model's.
    """
    image, rows = config["image_token_index"], config["text_config"]["vocab_size"]
    ranks, marks = _listed(folder, image)
    if marks["<imgpad>"] != image:
        raise refused(folder, f"it puts images at {marks['<imgpad>']}, the model at {image}")
    known = {*range(len(ranks)), *marks.values()}
    if len(known) != len(ranks) + len(marks) or max(known) >= rows:
        raise refused(folder, f"{len(ranks)} tokens and {len(marks)} marks have no place each among {rows}")
    return Vocabulary(ranks, marks)


def _listed(folder: Path, image: int) -> tuple[Ranks, Marks]:
    for name, read in ((weights.TIKTOKEN, _read_tiktoken), (weights.TOKENIZER, _read_tokenizer)):
        path = folder / name
        if path.is_file():
            ranks, marks = read(path, image)
            if sorted(ranks.values()) != list(range(len(ranks))):
                raise damaged(path, "its tokens do not count from 0 on")
            if b"" in ranks or any(bytes([byte]) not in ranks for byte in range(256)):
                raise damaged(path, "some byte has no token")
            return ranks, marks
    raise refused(folder, f"there is no {' or '.join(weights.TOKENIZERS)}")


def _read_tiktoken(path: Path, image: int) -> tuple[Ranks, Marks]:
    """The original's file has no marks. Where they are, its code says: those of the chat come behind all others,
    those of the image end at the one that the config names."""
    ranks = {}
    try:
        for line in path.read_bytes().splitlines():
            if line:
                token, _, rank = line.partition(b" ")
                ranks[base64.b64decode(token, validate=True)] = int(rank)
    except (OSError, binascii.Error, ValueError) as exc:
        raise damaged(path, str(exc)) from exc
    places = [*range(len(ranks), len(ranks) + 3), *range(image - 2, image + 1)]
    return ranks, dict(zip(MARKS, places, strict=True))


def _read_tokenizer(path: Path, _image: int) -> tuple[Ranks, Marks]:
    """The port's file, made from the original's: its ids are the ranks as long as its merges come in their order."""
    content = read_json(path)
    try:
        model = content["model"]
        added = {str(token["content"]): int(token["id"]) for token in content.get("added_tokens", ())}
        vocabulary = {token: int(rank) for token, rank in model["vocab"].items() if token not in added}
        merged = ["".join(merge if isinstance(merge, list) else merge.split(" ")) for merge in model["merges"]]
        order = [vocabulary[token] for token in merged]
        byte = _bytes_by_character()
        ranks = {bytes(byte[character] for character in token): rank for token, rank in vocabulary.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise damaged(path, f"{type(exc).__name__}: {exc}") from exc
    if absent := [mark for mark in MARKS if mark not in added]:
        raise refused(path.parent, f"it has no {', '.join(absent)}")
    if order != sorted(order):
        raise refused(path.parent, "its merges are in another order than its ids")
    return ranks, {mark: added[mark] for mark in MARKS}


def _bytes_by_character() -> dict[str, int]:
    """tokenizer.json writes a byte as the character of that number, or as one past 255 where that cannot be seen."""
    hidden = [byte for byte in range(256) if byte not in _PRINTABLE]
    return {chr(byte): byte for byte in _PRINTABLE} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


def refused(folder: Path, why: str) -> CheckpointMissing:
    hint = f"Use the {' or '.join(weights.TOKENIZERS)} that came with the weights."
    return CheckpointMissing(f"The tokenizer in {folder} does not fit the model: {why}", hint=hint)
