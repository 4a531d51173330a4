"""BLEU and METEOR, measures made for translations. The only module that knows NLTK."""

import warnings
from collections.abc import Sequence

from nltk.translate.bleu_score import sentence_bleu
from nltk.translate.meteor_score import single_meteor_score

METEOR_NOTE = (
    "METEOR here counts equal words and equal stems. Synonyms, which NLTK looks up in WordNet, are not counted, as that"
    " would have to be downloaded: where an engine writes another word of the same meaning, the figure is lower than in"
    " the paper's way."
)


class _NoSynonyms:
    """In WordNet's place."""

    def synsets(self, _word: str) -> list[object]:
        return []


def bleu(reference: Sequence[str], hypothesis: Sequence[str], *, shortened: bool = False) -> float:
    """Of up to four words in a row, without smoothing. *shortened*: of fewer where there are no four words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a page has no four words in a row right is what the figure says
        return float(sentence_bleu([list(reference)], list(hypothesis), auto_reweigh=shortened))


def meteor(reference: Sequence[str], hypothesis: Sequence[str]) -> float:
    return float(single_meteor_score(reference, hypothesis, wordnet=_NoSynonyms()))
