"""Where a result comes from, in words that can be shown and stored whatever the file is called."""

import re

from gotwatch.documents import Document

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """*text* without what no result may hold: control characters but tab and line feed, and halves of pairs."""
    if text.isprintable():  # most words: neither controls nor halves of pairs nor line ends
        return text
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)))


def checkpoints(document: Document) -> str:
    """The models that wrote the pages; what the config says where no page needed one."""
    used = dict.fromkeys(page.checkpoint for page in document.pages if page.checkpoint)
    return ", ".join(used) or document.reading.checkpoint
