"""A document as JSON: everything that is known about a result, for other programs."""

import json
from datetime import UTC, datetime, timedelta

from gotwatch.documents import Document, Mode, PageText, SourceFile, shown
from gotwatch.render import tree
from gotwatch.render.markup import parse
from gotwatch.render.notes import warnings
from gotwatch.render.origin import checkpoints
from gotwatch.version import VERSION

SCHEMA = 1  # counts up when a field changes its meaning or goes; a new field alone is no new schema
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(document: Document) -> str:
    return json.dumps(_record(document), ensure_ascii=False, indent=1) + "\n"


def _record(document: Document) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "gotwatch": VERSION,
        "source": _source(document.source, shown(document.relative.as_posix())),
        "engine": document.reading.engine,
        "checkpoint": checkpoints(document),
        "mode": document.reading.prompt.mode,
        "asked": document.reading.prompt.key,
        "precision": document.reading.precision or "auto",
        "read_at": document.read_at.isoformat(),
        "copied_from": None if document.copied_from is None else shown(document.copied_from),
        "warnings": [shown(warning) for warning in warnings(document)],
        "pages": [_page(page, document.reading.prompt.mode) for page in document.pages],
    }


def _source(source: SourceFile, relative: str) -> dict[str, object]:
    return {
        "name": shown(source.path.name),
        "path": relative,
        "size": source.stamp.size,
        "modified": _modified(source.stamp.mtime_ns),
        "sha256": source.digest,
    }


def _page(page: PageText, mode: Mode) -> dict[str, object]:
    markup = parse(page.markup, mode=mode)
    return {
        "number": page.number,
        "count": page.count,
        "text": markup.source,
        "tokens": page.tokens,
        "seconds": round(page.seconds, 3),
        "confidence": page.confidence,
        "least_confidence": page.least_confidence,
        "finish": page.finish,
        "checkpoint": page.checkpoint,
        "blocks": tree.as_json(markup),
        "remarks": list(markup.remarks),
    }


def _modified(mtime_ns: int) -> str | None:
    try:
        return (_EPOCH + timedelta(microseconds=mtime_ns // 1000)).isoformat()
    except OverflowError:  # a broken clock can write any year
        return None
