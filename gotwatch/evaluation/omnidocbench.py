"""OmniDocBench: pages of many kinds, with their blocks in reading order, formulas and tables as LaTeX.

github.com/opendatalab/OmniDocBench. Its own score is by matched blocks; here the blocks of a page become one text.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from gotwatch.documents import Mode
from gotwatch.evaluation import html_tables
from gotwatch.evaluation.truth import Truth

# Left out: pictures, what stands around the text (headers, footers, page numbers), and the numbers of formulas.
_TEXTS = frozenset(
    {"text_block", "figure_caption", "figure_footnote", "table_caption", "table_footnote"}
    | {"code_txt", "code_txt_caption", "reference", "page_footnote"}
)
_DOLLARS = re.compile(r"\A\s*\${1,2}(.*?)\${1,2}\s*\Z", re.DOTALL)
_DISPLAY = re.compile(r"\A\s*\\\[(.*)\\\]\s*\Z", re.DOTALL)


def is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and "layout_dets" in entry and "page_info" in entry


def truth(entry: Any, pictures: Path) -> Truth:
    """Raises LookupError, TypeError or AttributeError where a field is missing or another kind of thing."""
    name = Path(entry["page_info"]["image_path"]).name  # some releases name a folder of their makers before it
    blocks = [block for block in entry["layout_dets"] if not block.get("ignore") and block.get("order") is not None]
    paragraphs = chain.from_iterable(map(_markup, _in_one(sorted(blocks, key=lambda block: block["order"]), entry)))
    return Truth(name, pictures / name, ("\n\n".join(paragraphs),), Mode.FORMAT)


def _in_one(blocks: Iterable[Any], entry: Any) -> Iterator[Any]:
    """*blocks*, those that a column has cut in two joined to one."""
    relations = entry.get("extra", {}).get("relation", [])
    follows = {
        each["source_anno_id"]: each["target_anno_id"] for each in relations if each.get("relation_type") == "truncated"
    }
    by_id = {block["anno_id"]: block for block in blocks}
    continued = set(follows.values())
    for number, block in by_id.items():
        if number not in continued:
            whole = " ".join(_text(by_id[part]) for part in _chain(number, follows) if part in by_id)
            yield {**block, "text": whole}


def _chain(number: int, follows: dict[int, int]) -> Iterator[int]:
    """*number* and what follows it; each only once, as annotations may run in a circle."""
    here: int | None = number
    while here is not None:
        yield here
        here = follows.pop(here, None)


def _text(block: Any) -> str:
    """Its own, or that of its parts where it was merged of several."""
    parts = [block.get("text") or ""]
    if not parts[0]:
        parts = [part.get("text") or "" for part in block.get("merge_list", [])]
    return "\n".join(part.strip() for part in parts)


def _markup(block: Any) -> Iterator[str]:
    """A block as GOT would write it; nothing for a block without text."""
    match block["category_type"]:
        case "equation_isolated" if block.get("latex"):
            yield f"\\[ {_bare(block['latex'])} \\]"
        case "table" if block.get("latex"):
            yield block["latex"].strip()
        case "table" if block.get("html"):
            yield html_tables.as_tabular(block["html"])
        case "title" if block["text"]:
            yield f"\\section*{{{block['text']}}}"
        case category if category in _TEXTS and block["text"]:
            yield block["text"]


def _bare(latex: str) -> str:
    """On one line, without the signs around it, of which the set has several kinds."""
    for around in (_DOLLARS, _DISPLAY):
        latex = around.sub(r"\1", latex)
    return " ".join(latex.split())
