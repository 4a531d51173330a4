"""Which addresses may become links, and which were never on the page."""

import re

_TARGET = re.compile(r"""(?:https?://|mailto:)[^\s"'<>\\{}|^`]+""")
_INVENTED = re.compile(r"https?://cdn\.mathpix\.com/[\w./?=&%-]*")  # the model adds it to every picture that it sees


def address(text: str) -> str:
    """*text* if it may become a link, else ""."""
    return text if _TARGET.fullmatch(text) else ""


def without_invented_address(text: str) -> str:
    return _INVENTED.sub("", text).strip()
