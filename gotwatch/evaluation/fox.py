"""Fox: dense pages in English and Chinese, each with its text as the answer of a conversation.

github.com/ucaslcl/Fox; the files for whole pages are en_page_ocr.json and cn_page_ocr.json.
"""

from pathlib import Path
from typing import Any

from gotwatch.documents import Mode
from gotwatch.evaluation.truth import Truth


def is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and "image" in entry and "conversations" in entry


def truth(entry: Any, pictures: Path) -> Truth:
    """Raises LookupError, TypeError or AttributeError where a field is missing or another kind of thing."""
    name: str = entry["image"]
    answer: str = entry["conversations"][1]["value"]  # behind what was asked
    return Truth(name, pictures / name, (answer.strip(),), Mode.PLAIN)
