"""Puts a document's results in place: which names are ours to write, and html last, since its presence means done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Protocol

from gotwatch.documents import Form, Output
from gotwatch.results import disk, names
from gotwatch.results.refusals import explained


class Ledger(Protocol):
    """What is remembered of the outputs of one source and its neighbours."""

    def wrote(self, path: Path) -> frozenset[str]:
        """Digests of what gotwatch wrote at *path* for this source, also those intended just before a crash."""

    def taken(self, path: Path) -> bool:
        """Whether another source's output has this path, or one that differs only in case or Unicode form."""

    def intend(self, output: Output) -> None:
        """Note *output* before it is written, so that after a crash the file is known as ours."""


def publish(
    contents: Mapping[str, bytes], *, name: str, folder: Path, root: Path, ledger: Ledger
) -> tuple[Output, ...]:
    """Write *contents*, by suffix, into *folder* below *root*; when this returns they are on the disk.

    *name* is the source file's. A file that is not as we wrote it is never replaced: the results get a counter.
    Raises DestinationUnavailable, FileBusy, or TooLarge where a path is too long.
    """
    disk.make_folder(folder, root=root)
    with explained(folder):
        targets = _targets(contents, name, folder, ledger)
        for target in targets:
            if not target.is_in_place:
                ledger.intend(target.output)
                disk.write_whole(target.output.path, target.content)
        disk.sync_folder(folder)  # also where all is in place: a crash may have come before this line
    return tuple(target.output for target in targets)


def remove(outputs: Iterable[Output]) -> tuple[Path, ...]:
    """Delete those of *outputs* that are still as we wrote them; their paths."""
    return tuple(output.path for output in outputs if _removed(output))


def _removed(output: Output) -> bool:
    with explained(output.path.parent):
        try:
            if disk.digest_of(output.path) != output.digest:
                return False
            output.path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Target:
    """A place that is ours to write to."""

    output: Output
    content: bytes
    is_in_place: bool  # the file there has this content already


def _targets(contents: Mapping[str, bytes], name: str, folder: Path, ledger: Ledger) -> list[_Target]:
    """All with the same counter, the lowest that they can all have."""
    suffixes = sorted(contents, key=lambda suffix: suffix == Form.HTML)
    first_names = {suffix: names.output_name(name, suffix) for suffix in suffixes}
    for counter in count(1):
        targets = []
        for suffix in suffixes:
            path = folder / _counted(first_names[suffix], counter)
            target = _target(path, contents[suffix], ledger)
            if target is None:
                break
            targets.append(target)
        else:
            return targets
    raise AssertionError("count() has no end")


def _counted(name: str, counter: int) -> str:
    return name if counter == 1 else names.with_counter(name, counter)


def _target(path: Path, content: bytes, ledger: Ledger) -> _Target | None:
    """None where the place belongs to someone else: another source, the user, or the user's edit of our file."""
    if ledger.taken(path):
        return None
    output = Output(path, sha256(content).hexdigest())
    try:
        path.lstat()
    except FileNotFoundError:
        return _Target(output, content, is_in_place=False)
    wrote = ledger.wrote(path)
    found = disk.digest_of(path) if wrote else None
    return _Target(output, content, is_in_place=found == output.digest) if found in wrote else None
