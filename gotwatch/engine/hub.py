"""Downloads a checkpoint into the Hugging Face cache. The only module that speaks to a hub.

The weights are fetched by our own hand, beside huggingface_hub's: it drops what came so far when the
connection is gone for some seconds or the program ends, which a gigabyte over a slow line does not survive.
"""

import errno
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, get_session, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.utils import WeakFileLock, build_hf_headers, disable_progress_bars, hf_raise_for_status
from huggingface_hub.utils import logging as hub_logging

from gotwatch.engine import weights
from gotwatch.engine.transfer import Transfer, size_words
from gotwatch.errors import CheckpointMissing, DiskFull, GotwatchError
from gotwatch.words import marked

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 30.0
_SHOWN_FILES = 3
_RETRY_SECONDS = (1, 2, 5, 10, 20)  # between tries that bring nothing; afterwards the next start goes on


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    name: str
    size: int
    digest: str  # names the content; sha256 if the hub knows it
    has_sha256: bool


@dataclass(frozen=True, slots=True)
class _Source:
    repo: str
    revision: str
    mirror: str | None  # None: the hub itself, or what HF_ENDPOINT names


def fetch(repo: str, progress: Callable[[str], None], *, mirror: str | None = None, into: Path | None = None) -> Path:
    """Bring the model *repo* here, going on where the last try was broken off. Returns its folder.

    *mirror*: the URL of a hub to ask instead. *into*: a folder for it instead of the Hugging Face cache.
    Raises CheckpointMissing or DiskFull.
    """
    disable_progress_bars()
    hub_logging.set_verbosity_error()
    with _explained(repo):
        info = HfApi(endpoint=mirror).model_info(repo, files_metadata=True, timeout=_ANSWER_SECONDS)
        files = _wanted(repo, [_remote_file(sibling) for sibling in info.siblings or []])
        tensors = [file for file in files if weights.is_tensor_file(file.name)]
        small = [file.name for file in files if file not in tensors]
        transfer = Transfer(repo.rpartition("/")[2], sum(file.size for file in files), progress)
        folder = Path(snapshot_download(repo, allow_patterns=small, endpoint=mirror, local_dir=into))
        parts = folder / ".cache" / "huggingface" if into else folder.parents[1] / "blobs"
        for file in tensors:
            _fetch_tensors(_Source(repo, info.sha or "main", mirror), file, folder, parts, transfer)
        _write_digests(folder, files)
    return folder


def _wanted(repo: str, files: list[_RemoteFile]) -> list[_RemoteFile]:
    """The files that we take: never code, never pickles."""
    names = [file.name for file in files]
    if absent := weights.missing_names(names):
        raise CheckpointMissing(
            f"The model {repo} has no {', '.join(absent[:_SHOWN_FILES])} and cannot be used here",
            hint=f"Set engine.checkpoint to {weights.DEFAULT_CHECKPOINT}, or remove it.",
        )
    chosen = {weights.TIKTOKEN, *weights.tensor_names(names)}
    return [file for file in files if file.name in chosen or _is_note(file.name)]


def _is_note(name: str) -> bool:
    return name.endswith(".json") and not {"/", "\\"}.intersection(name)


def _write_digests(folder: Path, files: list[_RemoteFile]) -> None:
    """So that the files can be checked later, by us or by sha256sum."""
    digests = {file.name: file.digest if file.has_sha256 else weights.sha256(folder / file.name) for file in files}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    new = folder / f".{weights.DIGESTS}.{os.getpid()}"
    new.write_text("".join(lines), "utf-8")
    new.replace(folder / weights.DIGESTS)


def _remote_file(sibling: Any) -> _RemoteFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs else ""
    return _RemoteFile(sibling.rfilename, sibling.size or 0, sha256 or sibling.blob_id or "", bool(sha256))


def _fetch_tensors(source: _Source, file: _RemoteFile, folder: Path, parts: Path, transfer: Transfer) -> None:
    target = folder / file.name
    part = parts / f"{file.digest or source.revision + file.name}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(part.with_suffix(".lock")):  # each device has its own engine process, and each wants the weights
        if target.exists():
            return
        if not (part.exists() and part.stat().st_size == file.size):
            url = hf_hub_url(source.repo, file.name, revision=source.revision, endpoint=source.mirror)
            _append(url, file, part, transfer)
        _check_content(file, part)
        part.replace(target)


def _append(url: str, file: _RemoteFile, part: Path, transfer: Transfer) -> None:
    """Download the rest of *file* behind what *part* has, over as many connections as it takes."""
    part.touch()
    _check_space(part.parent, file.size - part.stat().st_size)
    waits = iter(_RETRY_SECONDS)
    while (done := part.stat().st_size) < file.size:
        transfer.start(already=transfer.total_bytes - file.size + done)
        broken = _receive_or_why(url, done, part, transfer)
        if part.stat().st_size > done:
            waits = iter(_RETRY_SECONDS)
        elif (wait_seconds := next(waits, None)) is not None:
            log.info("download broken off (%s), going on in %d s", broken, wait_seconds)
            time.sleep(wait_seconds)
        else:
            raise broken or OSError(marked("the hub sends nothing"))


def _receive_or_why(url: str, done: int, part: Path, transfer: Transfer) -> Exception | None:
    """Receive until the end or a break that may pass; which one it was."""
    try:
        _receive(url, done, part, transfer)
    except HTTPError as exc:
        if isinstance(exc, HfHubHTTPError) and not _may_pass(exc.response.status_code):
            raise
        broken: Exception = exc
        return broken
    return None


def _may_pass(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _receive(url: str, done: int, part: Path, transfer: Transfer) -> None:
    headers = {**build_hf_headers(), "Accept-Encoding": "identity", "Range": f"bytes={done}-"}
    request = get_session().stream("GET", url, headers=headers, timeout=_ANSWER_SECONDS, follow_redirects=True)
    with request as response, part.open("ab") as raw:
        hf_raise_for_status(response)
        if done and response.status_code != HTTPStatus.PARTIAL_CONTENT:  # this server cannot go on in the middle
            raw.truncate(0)
            transfer.add(-done)
        for chunk in response.iter_bytes():
            raw.write(chunk)
            transfer.add(len(chunk))
        raw.flush()
        os.fsync(raw.fileno())


def _check_content(file: _RemoteFile, part: Path) -> None:
    if not file.has_sha256:
        return
    if weights.sha256(part) != file.digest:
        part.unlink()
        raise CheckpointMissing(f"{file.name} arrived damaged", hint="It will be downloaded again; nothing to do.")


def _check_space(folder: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise _disk_full(
            marked(f"{size_words(needed_bytes)} are needed for the model, {size_words(free)} are free"), folder
        )


def _disk_full(message: str, folder: Path) -> DiskFull:
    return DiskFull(f"{message} in {folder}", hint="Make room there, or set HF_HOME to a folder on another disk.")


@contextmanager
def _explained(repo: str) -> Iterator[None]:
    try:
        yield
    except (HTTPError, HFValidationError, OSError) as exc:
        raise _explanation(repo, exc) from exc


def _explanation(repo: str, error: Exception) -> GotwatchError:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _disk_full(marked("No space is left for the model"), weights.hub_cache())
    if isinstance(error, PermissionError):
        hint = "Make the folder writable, or set HF_HOME to another one."
        return CheckpointMissing(f"The model cannot be stored in {weights.hub_cache()}: {error}", hint=hint)
    message, hint = _trouble(repo, error)
    return CheckpointMissing(message, hint=hint)


def _trouble(repo: str, error: BaseException) -> tuple[str, str]:
    """What went wrong on the way to the hub, and what to do."""
    copy = marked(
        f'copy the folder of {repo} to this machine and set engine.checkpoint to it, or set engine.name = "paddle"'
    )
    if isinstance(error, GatedRepoError):
        hint = marked(f"Accept them on the model's page and set HF_TOKEN, or {copy}.")
        return marked(f"The model {repo} is only for those who accepted its terms"), hint
    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return marked(f"There is no model {repo} on the hub"), marked(
            "Correct engine.checkpoint, or remove it to use the default."
        )
    if isinstance(error, OfflineModeIsEnabled) or isinstance(error.__cause__, OfflineModeIsEnabled):
        hint = marked(f"Unset HF_HUB_OFFLINE, or {copy}.")
        return marked(f"The model {repo} is not on this machine, and HF_HUB_OFFLINE forbids the download"), hint
    hint = marked(f"It goes on by itself when the network is back. Or set HF_ENDPOINT to a mirror, or {copy}.")
    if isinstance(error, HfHubHTTPError):
        return marked(f"The hub does not hand out {repo} now (HTTP {error.response.status_code})"), hint
    cause = str(error).partition("\n")[0]
    return marked(f"The model {repo} could not be downloaded: {cause}"), hint
