"""The typewriter's tokens: bytes, a word for each that GOT's prompts are made of, and GOT's marks behind them."""

import base64
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

# Qwen's, so that prompts fall into the same pieces as in GOT.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

MARKS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    *(f"<|extra_{number}|>" for number in range(205)),
    *("<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>"),
    *("<img>", "</img>", "<imgpad>"),
)

# What becomes one token: the pieces of the prompts, and of the markup that is written most.
_PHRASE = (
    "system user assistant You should follow the instructions carefully and explain your answers in detail OCR with"
    " format upon patch reference across multi pages red green blue"
)
_WORDS = _PHRASE.split()
_SPACED = tuple(f" {word}" for word in _WORDS)
_MARKUP = (
    "\\begin",
    "{tabular",
    "}\n",
    "\\hline",
    "\\end",
    "\\\\\n",
    "\\(",
    "\\)",
    "**",
    "kern",
    "*-",
    "|l",
    " &",
    " \\\\\n",
)


@cache
def ranks() -> dict[bytes, int]:
    """Each token's bytes and number, as in a .tiktoken file."""
    tokens = [bytes([code]) for code in _byte_alphabet()] + [left + right for left, right in _merges()]
    return {token: number for number, token in enumerate(tokens)}


@cache
def tokenizer() -> Tokenizer:
    """The same as a tokenizer.json holds it."""
    shown = {token: "".join(_byte_alphabet()[code] for code in token) for token in ranks()}
    merges = [(shown[left], shown[right]) for left, right in _merges()]
    made = Tokenizer(models.BPE(vocab={shown[token]: rank for token, rank in ranks().items()}, merges=merges))
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in MARKS])
    return made


def size() -> int:
    return len(ranks()) + len(MARKS)


def mark(name: str) -> int:
    return len(ranks()) + MARKS.index(name)


def encode(text: str) -> list[int]:
    return list(tokenizer().encode(text, add_special_tokens=False).ids)


@cache
def byte_ids() -> dict[str, int]:
    """Every printable character and the line feed as the one token that pages are written in."""
    return {chr(code): ranks()[bytes([code])] for code in (10, *range(32, 127))}


def write_tiktoken(path: Path) -> None:
    lines = [f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks().items()]
    path.write_text("".join(lines), "ascii")


@cache
def _byte_alphabet() -> dict[int, str]:
    """Bytes in the order of their tokens, each with the character that stands for it in a tokenizer.json (GPT-2's)."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [code for code in range(256) if code not in shown]
    return {code: chr(code) for code in shown} | {code: chr(256 + place) for place, code in enumerate(hidden)}


@cache
def _merges() -> tuple[tuple[bytes, bytes], ...]:
    """Byte-pair merges, the most frequent pair first, until each word is one token."""
    split = [[bytes([code]) for code in word.encode()] for word in (*_WORDS, *_SPACED, *_MARKUP)]
    merges = []
    while pairs := Counter(pair for parts in split for pair in pairwise(parts)):
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        split = [_merge(parts, best) for parts in split]
    return tuple(merges)


def _merge(parts: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    merged: list[bytes] = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged
