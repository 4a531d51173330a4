"""Every error gotwatch raises on purpose.

GotwatchError
├── UserError        the person must change a command or the config
├── InputError       this file cannot be read, and trying again will not help
├── TransientError   trying again later may help
└── FatalError       no job can succeed until someone repairs the machine

Anything else that escapes is a bug.
"""

from collections.abc import Iterator
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    OK = 0
    BUG = 1
    USAGE = 2
    INPUT = 3
    TRANSIENT = 4
    FATAL = 5
    INTERRUPTED = 130


class ErrorKind(StrEnum):
    """What is stored with a failed job and told to other programs."""

    USER = "user"
    INPUT = "input"
    TRANSIENT = "transient"
    FATAL = "fatal"
    BUG = "bug"


class GotwatchError(Exception):
    """What happened, in words for the person, and what to do about it."""

    kind = ErrorKind.BUG
    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UserError(GotwatchError):
    kind = ErrorKind.USER
    exit_code = ExitCode.USAGE


class InputError(GotwatchError):
    kind = ErrorKind.INPUT
    exit_code = ExitCode.INPUT


class TransientError(GotwatchError):
    kind = ErrorKind.TRANSIENT
    exit_code = ExitCode.TRANSIENT
    gives_up = False  # whether the attempts are counted and end in "failed"


class FatalError(GotwatchError):
    kind = ErrorKind.FATAL
    exit_code = ExitCode.FATAL


class ConfigError(UserError):
    """The config file is missing, malformed or contradicts itself."""


class UsageError(UserError):
    """The command cannot be carried out as it was typed."""


class Malformed(UserError):
    """A request over HTTP is not written as it must be."""


class NotAllowed(UserError):
    """The server does not answer this caller."""


class AlreadyRunning(UserError):
    """Another gotwatch holds this state folder."""


class Encrypted(InputError):
    """The document needs a password."""


class Unreadable(InputError):
    """The content does not parse: damaged, or not complete yet."""


class Unsupported(InputError):
    """The content is of a kind that gotwatch does not read."""


class TooLarge(InputError):
    """A configured limit on pixels, pages, memory or seconds was exceeded."""


class SourceGone(InputError):
    """The file is no longer there."""


class FormUnavailable(InputError):
    """One kind of result cannot be made of this document; the others can."""


class FileBusy(TransientError):
    """The file cannot be opened now, or changed while it was read."""


class DestinationUnavailable(TransientError):
    """Results cannot be written to the output folder now. Holds that folder's jobs."""


class EngineCrashed(TransientError):
    """The engine process ended without an answer, also on the second try."""

    gives_up = True


class EngineTimeout(TransientError):
    """The engine process gave no answer in time and was ended, also on the second try."""

    gives_up = True


class ReaderCrashed(TransientError):
    """The reader process ended while it rendered a page."""

    gives_up = True


class RenderingFailed(TransientError):
    """A result could not be made of what was read, not even a plain one."""

    gives_up = True


class ServerBusy(TransientError):
    """The server cannot take another request now."""

    retry_seconds = 2.0  # until it is worth trying again


class ServerAway(TransientError):
    """A server gives no answer, or none that makes sense."""


class OutOfMemory(TransientError):
    """The device has too little free memory. Holds all jobs for a while."""


class CheckpointMissing(FatalError):
    """No usable model weights at the configured place."""


class NoDevice(FatalError):
    """The configured device is not there, or PyTorch cannot use it."""


class EngineUnusable(FatalError):
    """The engine cannot be loaded at all."""


class NoServer(FatalError):
    """None of the servers that the remote engine sends pages to can be used."""


class StoreUnusable(FatalError):
    """The queue on disk cannot be opened or written."""


class DiskFull(FatalError):
    """No space left where gotwatch must write."""


def _family(cls: type[GotwatchError]) -> Iterator[type[GotwatchError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _family(child)


BY_NAME: dict[str, type[GotwatchError]] = {cls.__name__: cls for cls in _family(GotwatchError)}
