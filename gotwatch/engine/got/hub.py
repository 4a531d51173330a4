"""Downloads a checkpoint into the Hugging Face cache. The only module that speaks to a hub.

The weights are fetched by our own hand, beside huggingface_hub's: it drops what came so far when the
connection is gone for some seconds or the program ends, which a gigabyte over a slow line does not survive.
"""

import errno
import hashlib
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
from gotwatch.engine.got.transfer import Transfer, size_words
from gotwatch.errors import CheckpointMissing, DiskFull, GotwatchError

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 30.0
_RETRY_SECONDS = (1, 2, 5, 10, 20)  # between tries that bring nothing; afterwards the next start goes on


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    name: str
    size: int
    digest: str  # names the content; sha256 if the hub knows it
    has_sha256: bool


def fetch(repo: str, progress: Callable[[str], None]) -> Path:
    """Bring the model *repo* here, going on where the last try was broken off. Returns its folder.

    Raises CheckpointMissing or DiskFull.
    """
    disable_progress_bars()
    hub_logging.set_verbosity_error()
    with _explained(repo):
        files = _listing(repo)
        transfer = Transfer(repo.rpartition("/")[2], sum(file.size for file in files.values()), progress)
        tensors = files.pop(weights.TENSORS)
        folder = Path(snapshot_download(repo, allow_patterns=list(files)))
        _fetch_tensors(repo, tensors, folder, transfer)
    return folder


def _listing(repo: str) -> dict[str, _RemoteFile]:
    """The files that we take, by name: never code, never pickles."""
    siblings = HfApi().model_info(repo, files_metadata=True, timeout=_ANSWER_SECONDS).siblings or []
    files = {sibling.rfilename: _remote_file(sibling) for sibling in siblings if _is_wanted(sibling.rfilename)}
    if absent := set(weights.NEEDED) - set(files):
        raise CheckpointMissing(
            f"The model {repo} has no {', '.join(sorted(absent))} and cannot be used here",
            hint=f"Set engine.checkpoint to {weights.DEFAULT_CHECKPOINT}, or remove it.",
        )
    return files


def _is_wanted(name: str) -> bool:
    return name == weights.TENSORS or (name.endswith(".json") and "/" not in name)


def _remote_file(sibling: Any) -> _RemoteFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs else ""
    return _RemoteFile(sibling.rfilename, sibling.size or 0, sha256 or sibling.blob_id or "", bool(sha256))


def _fetch_tensors(repo: str, file: _RemoteFile, folder: Path, transfer: Transfer) -> None:
    target = folder / file.name
    part = folder.parents[1] / "blobs" / f"{file.digest or folder.name}.part"
    part.parent.mkdir(exist_ok=True)
    with WeakFileLock(part.with_suffix(".lock")):  # each device has its own engine process, and each wants the weights
        if target.exists():
            return
        if not (part.exists() and part.stat().st_size == file.size):
            _append(hf_hub_url(repo, file.name, revision=folder.name), file, part, transfer)
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
            raise broken or OSError("the hub sends nothing")


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
    with part.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    if digest != file.digest:
        part.unlink()
        raise CheckpointMissing(f"{file.name} arrived damaged", hint="It will be downloaded again; nothing to do.")


def _check_space(folder: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise _disk_full(f"{size_words(needed_bytes)} are needed for the model, {size_words(free)} are free", folder)


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
        return _disk_full("No space is left for the model", weights.hub_cache())
    if isinstance(error, PermissionError):
        hint = "Make the folder writable, or set HF_HOME to another one."
        return CheckpointMissing(f"The model cannot be stored in {weights.hub_cache()}: {error}", hint=hint)
    message, hint = _trouble(repo, error)
    return CheckpointMissing(message, hint=hint)


def _trouble(repo: str, error: BaseException) -> tuple[str, str]:
    """What went wrong on the way to the hub, and what to do."""
    copy = f'copy the folder of {repo} to this machine and set engine.checkpoint to it, or set engine.name = "paddle"'
    if isinstance(error, GatedRepoError):
        hint = f"Accept them on the model's page and set HF_TOKEN, or {copy}."
        return f"The model {repo} is only for those who accepted its terms", hint
    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return f"There is no model {repo} on the hub", "Correct engine.checkpoint, or remove it to use the default."
    if isinstance(error, OfflineModeIsEnabled) or isinstance(error.__cause__, OfflineModeIsEnabled):
        hint = f"Unset HF_HUB_OFFLINE, or {copy}."
        return f"The model {repo} is not on this machine, and HF_HUB_OFFLINE forbids the download", hint
    hint = f"It goes on by itself when the network is back. Or set HF_ENDPOINT to a mirror, or {copy}."
    if isinstance(error, HfHubHTTPError):
        return f"The hub does not hand out {repo} now (HTTP {error.response.status_code})", hint
    cause = str(error).partition("\n")[0]
    return f"The model {repo} could not be downloaded: {cause}", hint
