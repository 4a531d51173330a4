"""Which language a text is in, as far as its script alone tells it."""

import re

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


def guess_language(text: str) -> str:
    """The tag that lets a browser choose the right fonts; "" where the script is shared by many languages."""
    letters = len(_LETTER.findall(text))
    for tag, script in _TELLING_SCRIPTS.items():
        if letters and len(script.findall(text)) >= _LEAST_SHARE * letters:
            return tag
    return ""
