"""How news of a watched folder come: by the system's events where those arrive, else by polling, and why."""

import errno
import logging
import time
from collections.abc import Callable
from pathlib import Path

from gotwatch.inbox import identity
from gotwatch.inbox.events import Events
from gotwatch.inbox.folder import Detection, WatchedFolder
from gotwatch.words import marked

log = logging.getLogger(__name__)


class Ear:
    """Of one folder; for its watcher's thread. Only the callbacks come on others."""

    def __init__(
        self,
        watched: WatchedFolder,
        *,
        touched: Callable[[Path], None],
        folder_changed: Callable[[Path], None],
        overflowed: Callable[[], None],
        listen_again_seconds: float,
    ) -> None:
        self._watched = watched
        self._events = Events(touched=touched, folder_changed=folder_changed, overflowed=overflowed)
        self._listen_again_seconds = listen_again_seconds
        self._deaf_until: float | None = None  # by the monotonic clock; None: it is not for want of watches
        self.detection = watched.detection or Detection.EVENTS
        self.why = ""

    def listen(self) -> None:
        """Begin, anew too; detection and why tell how."""
        self._events.stop()
        self._deaf_until = None
        self.detection, self.why = self._begin()

    def stop(self) -> None:
        self._events.stop()

    @property
    def is_broken(self) -> bool:
        """Whether events should come, and what brings them has ended."""
        return self.detection is Detection.EVENTS and not self._events.alive

    @property
    def may_hear_again(self) -> bool:
        """Whether it polls for want of watches, and there may be some by now."""
        return self._deaf_until is not None and time.monotonic() >= self._deaf_until

    def doubt(self, unheard: int) -> None:
        """Of so many new files the system told nothing."""
        if unheard and self._watched.detection is None and self.detection is Detection.EVENTS:
            log.warning("%s: the system told nothing of %d new files; polling", self._watched.folder, unheard)
            self._poll(marked("the system did not tell of all changes"))

    def check(self, folders: int) -> None:
        """Hold the system's watches against the *folders* that were found: of those that it has none for, it says
        nothing, and watchdog hides it."""
        if not self._is_short(folders):
            return
        self.listen()  # some were freed perhaps, or a folder was missed
        if self._is_short(folders):
            log.warning("%s: the system has no watches left; polling", self._watched.folder)
            self._run_out(errno.ENOSPC)

    def _is_short(self, folders: int) -> bool:
        watches = self._events.watches() if self.detection is Detection.EVENTS else None
        return watches is not None and watches < folders

    def _begin(self) -> tuple[Detection, str]:
        watched = self._watched
        if watched.detection is Detection.POLL:
            return Detection.POLL, ""
        mount = identity.mount_of(watched.folder)
        if watched.detection is None and not identity.events_arrive(mount):
            return Detection.POLL, marked(f"a {mount.kind} volume does not tell of all changes")
        try:
            self._events.listen(watched.folder, recursive=watched.recursive)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                self._run_out(error.errno)
                return self.detection, self.why
            return Detection.POLL, marked(f"the system cannot tell of changes here: {error.strerror or error}")
        return Detection.EVENTS, ""

    def _run_out(self, number: int) -> None:
        self._poll(_mend(number))
        self._deaf_until = time.monotonic() + self._listen_again_seconds

    def _poll(self, why: str) -> None:
        self._events.stop()
        self.detection, self.why = Detection.POLL, why


def _mend(number: int) -> str:
    if number == errno.ENOSPC:
        return marked(
            "the system's limit of watches is reached; raise it with: sudo sysctl fs.inotify.max_user_watches=524288"
        )
    return marked(
        "the system's limit of watchers is reached; raise it with: sudo sysctl fs.inotify.max_user_instances=1024"
    )
