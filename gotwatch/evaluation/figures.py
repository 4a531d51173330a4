"""How well a page was read, in two ways: as GOT-OCR2.0's paper counts, and fairly."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields

from gotwatch.evaluation import distance, tokens, translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All from 0 to 1. Of the edit distance less is better, of the others more."""

    edit_distance: float  # characters to change, as a share of the longer text
    f1: float
    precision: float
    recall: float
    bleu: float
    meteor: float


NAMES = tuple(field.name for field in fields(Figures))
_PERFECT = Figures(edit_distance=0.0, f1=1.0, precision=1.0, recall=1.0, bleu=1.0, meteor=1.0)
_NOTHING = Figures(edit_distance=1.0, f1=0.0, precision=0.0, recall=0.0, bleu=0.0, meteor=0.0)


def paper(label: str, answer: str) -> Figures | None:
    """As the code counts that the paper's tables come from. None for a page that it leaves out.

    That code takes the label for the answer and the answer for the label, so its precision is what is called recall
    elsewhere; and it counts each word once, however often it stands there.
    """
    if not label or not answer:
        return None
    reference, hypothesis = tokens.split_as_paper(answer, label)
    if not reference or not hypothesis:  # nothing but white space: there its code ends with an error
        return None
    precision, recall = _shares(_common(set(reference), set(hypothesis)), set(reference), set(hypothesis))
    return Figures(
        edit_distance=distance.share(label, answer),
        f1=_f1(precision, recall),
        precision=precision,
        recall=recall,
        bleu=translation.bleu(reference, hypothesis),
        meteor=translation.meteor(reference, hypothesis),
    )


def fair(truth: str, answer: str) -> Figures:
    """Truth and answer in their places, each word as often as it stands there, and an empty answer is wrong.

    How lines are broken is no part of the truth.
    """
    truth, answer = even(truth), even(answer)
    if truth == answer:
        return _PERFECT  # METEOR alone would not say so: it marks down every text a little
    if not truth or not answer:
        return _NOTHING
    reference, hypothesis = tokens.split(truth, answer)
    common = (Counter(reference) & Counter(hypothesis)).total()
    precision, recall = _shares(common, reference, hypothesis)
    return Figures(
        edit_distance=distance.share(truth, answer),
        f1=_f1(precision, recall),
        precision=precision,
        recall=recall,
        bleu=translation.bleu(reference, hypothesis, shortened=True),
        meteor=translation.meteor(reference, hypothesis),
    )


def even(text: str) -> str:
    """*text* with one space for each run of white space, and one way to write each accented letter."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def mean(pages: Sequence[Figures]) -> Figures | None:
    """None of no pages."""
    if not pages:
        return None
    return Figures(**{name: _mean(getattr(page, name) for page in pages) for name in NAMES})


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _common(reference: AbstractSet[str], hypothesis: AbstractSet[str]) -> int:
    return len(reference & hypothesis)


def _shares(common: int, reference: Collection[str], hypothesis: Collection[str]) -> tuple[float, float]:
    """Precision and recall."""
    return common / len(hypothesis), common / len(reference)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0
