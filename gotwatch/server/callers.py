"""Who may call: by which name, from which page, with which word. Knows nothing of a request but its headers."""

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gotwatch.errors import ConfigError
from gotwatch.server.answers import Problem
from gotwatch.tokens import NEW_TOKEN, read_token


@dataclass(frozen=True, slots=True)
class Callers:
    token: str  # "": none is asked for
    names: frozenset[str]  # by which this machine may be called, beside addresses

    def refuse(self, headers: Mapping[bytes, bytes], *, open_to_all: bool) -> Problem | None:
        """Why whoever sent *headers* is not answered. *open_to_all*: without the token, but not for every web page."""
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._is_ours(host):
            return Problem(403, "NotAllowed", "This server does not go by that name", "Add it to server.hosts.")
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").partition("://")[2] != host:
            return Problem(403, "NotAllowed", "Web pages of other sites are not answered")
        if open_to_all or not self.token or self._knows_token(headers.get(b"authorization", b"")):
            return None
        return Problem(401, "NotAllowed", "A token is needed", "Send it as Authorization: Bearer TOKEN.")

    def _is_ours(self, host: str) -> bool:
        """A page that was given our address for its own name (DNS rebinding) still calls us by that name."""
        name = _without_port(host)
        return name.lower().rstrip(".") in self.names or _is_address(name.strip("[]"))

    def _knows_token(self, authorization: bytes) -> bool:
        scheme, _, token = authorization.partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self.token.encode())


def callers(host: str, token_file: str, names: tuple[str, ...]) -> Callers:
    """Raises ConfigError where this would let anybody in."""
    token = read_token(Path(token_file)) if token_file else ""
    if not token and not is_loopback(host):
        raise ConfigError(
            f"Other machines could read with this one at {host}: that needs a token.",
            hint=f"{NEW_TOKEN.format(path='FILE')}\nThen set server.token_file, or say --token-file FILE.",
        )
    own = {"localhost"} if is_loopback(host) else {"localhost", socket.gethostname().lower()}
    return Callers(token, frozenset(own.union(name.lower() for name in names)))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and (":" not in name or name.endswith("]")) else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
