"""The catalogues' files: read, brought up to the code, written and compiled. The only module that knows Babel."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

from gotwatch import words
from translations.extract import Found

PACKAGE = Path(words.__file__).parent
WIDTH = 120
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # so that only changes of messages change the files


def sources() -> list[Path]:
    return sorted(words.LOCALES.glob("*/LC_MESSAGES/gotwatch.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        po = pofile.read_po(file, locale=path.parent.parent.name)
    po.creation_date = po.revision_date = NO_DATE
    return po


def renewed(path: Path, found: Mapping[str, Found]) -> Catalog:
    """The catalogue at *path* with the messages of the code: the new ones empty, the gone ones left out."""
    old = read(path)
    new = Catalog(locale=old.locale, project="gotwatch", fuzzy=False, header_comment="# Messages of gotwatch.")
    for message, where in found.items():
        before = old.get(message)
        translation = before.string if before else ""
        new.add(message, translation, locations=[(where.file, where.line)])
    return new


def untranslated(po: Catalog) -> list[str]:
    return [str(message.id) for message in po if message.id and not message.string]


def text(po: Catalog) -> bytes:
    """Without times and line numbers."""
    out = io.BytesIO()
    pofile.write_po(out, po, width=WIDTH, omit_header=False, include_lineno=False)
    lines = out.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith((b'"POT-Creation-Date', b'"PO-Revision-Date')))


def compiled(po: Catalog) -> bytes:
    out = io.BytesIO()
    mofile.write_mo(out, po)
    return out.getvalue()


def write(path: Path, po: Catalog) -> None:
    path.write_bytes(text(po))
    path.with_suffix(".mo").write_bytes(compiled(read(path)))
