"""Which letters and figures of a formula's TeX are missing in what is shown of it."""

import re
import unicodedata
from collections import Counter

_LENGTH = r"-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|\\[a-z]+width)"
# Of no account to a reader; the names of environments and their columns also where they are broken.
_UNSHOWN = (
    re.compile(r"\\(?:label|color|textcolor|colorbox|hspace|vspace|cline|cmidrule|enclose)\*?\s*\{[^{}]*\}"),
    re.compile(r"\\label\s*\{[^{}]{0,40}$"),
    re.compile(r"\\(?:multicolumn|multirow)\s*\{[^{}]*\}\s*\{(?:[^{}]|\\(?:begin|end)\s*\{[^{}]*\})*\}"),
    re.compile(r"\\begin\s*\{(?:array|tabular|alignat)\*?\s*\}(?:\s*\{(?:[^{}\\&]|\\(?:begin|end)\s*\{[^{}]*\})*)?"),
    re.compile(r"\\(?:begin|end)\s*(?:\{[^{}\\]*|\\)"),
    re.compile(_LENGTH),
    re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL),
)


def lost_letters(tex: str, shown: str) -> str:
    """Each as often as it is missing; in no order."""
    for pattern in _UNSHOWN:
        tex = pattern.sub(" ", tex)
    return "".join((Counter(_letters(tex)) - Counter(_letters(shown))).elements())


def _letters(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if sign.isalnum())
