"""The ways to have pages written by a model of GOT-OCR2.0's size, and what is measured of them."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from bench import child
from gotwatch.engine.base import Precision


class Way(StrEnum):
    ONE_BY_ONE = "one by one"  # transformers' generate as the original's page on the hub shows it
    BATCH = "batch"  # generate with many pages in one call
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    checkpoint: str
    way: Way
    device: str  # cpu or cuda
    precision: Precision  # of the weights
    lengths: tuple[int, ...]  # in tokens, of the pages
    at_once: int = 1  # pages in a call of generate

    @classmethod
    def parse(cls, text: str) -> "Errand":
        fields = json.loads(text)
        known = {"way": Way(fields["way"]), "precision": Precision(fields["precision"])}
        return cls(**fields | known | {"lengths": tuple(fields["lengths"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    seconds: float  # for all pages, from their pixels to their last token
    first_token_seconds: float  # for one page, to its first token
    peak_bytes: int  # of the process; on a GPU, what PyTorch took of it


def checkpoint() -> str:
    """Where the model is. Made in a process of its own, whose memory is then not counted."""
    folder: str = child.answer("bench.got_random")
    return folder


def run(errand: Errand) -> Outcome:
    """Raises CalledProcessError if that fails, for want of memory for example."""
    module = "bench.got_ours" if errand.way is Way.OURS else "bench.got_generate"
    return Outcome(**child.answer(module, json.dumps(asdict(errand))))
