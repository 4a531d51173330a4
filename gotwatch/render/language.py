"""Which language a text is in: as far as its script tells it, or its most common words."""

import re
from collections import Counter

# In this order: Japanese holds Chinese characters too, Chinese holds neither of the others' own.
_TELLING_SCRIPTS = {
    "ja": re.compile("[\u3041-\u30ff\uff66-\uff9d]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_LEAST_SHARE = 0.2  # of the letters, so that a quotation or a formula's alpha does not decide

# Of languages that share a script: words that few of the others have.
_COMMON_WORDS = {
    tag: frozenset(words.split())
    for tag, words in {
        "en": "the of and to is that for with was this are be from which or by it have not",
        "de": "der die das und ist nicht den mit von sich ein eine für auf dem zu im des wird",
        "fr": "le les des et est une du que dans pour qui sur pas au avec par il sont ce",
        "es": "el los las y es una del que en por con para como su se más al lo son",
        "it": "il gli di e che una della per non sono con del è nel alla dei anche si da",
        "pt": "os as e é uma do da que em não para com dos no na por mais ao são",
        "nl": "de het een en van is dat niet op te voor met zijn aan die ook bij wordt",
    }.items()
}
_FROM_RIGHT = re.compile("[\u0591-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\{[a-z*|]*\})?")
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_WORDS = 20
_LEAST_COMMON_SHARE = 0.12
_LEAST_LEAD = 1.3  # over the next language


def guess_language(text: str) -> str:
    """The tag that lets a browser choose the right fonts and a screen reader the right voice; "" if there is doubt."""
    letters = len(_LETTER.findall(text))
    for tag, script in _TELLING_SCRIPTS.items():
        if letters and len(script.findall(text)) >= _LEAST_SHARE * letters:
            return tag
    return _guess_by_words(_WORD.findall(text.lower()))


def is_from_right_to_left(markup: str) -> bool:
    """Whether most letters are of a script that runs so, its commands aside."""
    letters = _FROM_RIGHT.findall(markup)
    return bool(letters) and 2 * len(letters) > len(_LETTER.findall(_COMMAND.sub("", markup)))


def _guess_by_words(words: list[str]) -> str:
    if len(words) < _LEAST_WORDS:
        return ""
    times = Counter(words)
    shares = {tag: sum(times[word] for word in common) / len(words) for tag, common in _COMMON_WORDS.items()}
    second, first = sorted(shares, key=lambda tag: shares[tag])[-2:]
    is_clear = shares[first] >= max(_LEAST_COMMON_SHARE, _LEAST_LEAD * shares[second])
    return first if is_clear else ""
