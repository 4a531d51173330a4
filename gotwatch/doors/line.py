"""What a way for messages between two programs of one user must do. A message is bytes without a line break."""

from typing import Protocol

LONGEST_REQUEST_BYTES = 64 * 1024
REQUEST_SECONDS = 10.0  # for whoever knocks to say what he wants


class HungUp(Exception):
    """Who was at the other end is gone, or is not to be heard."""


class Silent(HungUp):
    """Who is at the other end is there, and does not answer."""


class Line(Protocol):
    """One conversation. Its methods raise HungUp, Silent among it, and OSError never."""

    def admit(self) -> None:
        """Raises HungUp where the other end is no program of our user's. For the side that was called, first of all."""
        ...

    def receive_request(self) -> bytes | None:
        """Within REQUEST_SECONDS, and no longer than LONGEST_REQUEST_BYTES. None: it is not whole."""
        ...

    def receive(self, within_seconds: float | None) -> bytes | None:
        """However long it is; None seconds: however long it takes. None: there is no more, or it broke off."""
        ...

    def send(self, message: bytes) -> None: ...

    def close(self) -> None: ...


class Door(Protocol):
    """Where a running gotwatch is called. open(), accept() and close() are for the one that holds the state folder."""

    def open(self) -> None:
        """Raises StoreUnusable. What an earlier one left is no obstacle."""
        ...

    def accept(self) -> Line | None:
        """The next who calls; None after close(). Blocks."""
        ...

    def close(self) -> None:
        """May be called from any thread, while another one is in accept()."""
        ...

    def call(self) -> Line | None:
        """None: nobody listens. Raises UsageError where it is another user's."""
        ...
