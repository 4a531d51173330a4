"""Who may call: by which name, from which page, with which word. Knows nothing of a request but its headers."""

import hmac
import ipaddress
import os
import socket
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import shown
from gotwatch.errors import ConfigError
from gotwatch.server.answers import Problem

SHORTEST_TOKEN = 16
_OTHERS = 0o077  # rights of the group and of all
_NEW_TOKEN = "Make one with: (umask 077; openssl rand -hex 32 > {path})"


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
            hint=f"{_NEW_TOKEN.format(path='FILE')}\nThen set server.token_file, or say --token-file FILE.",
        )
    own = {"localhost"} if is_loopback(host) else {"localhost", socket.gethostname().lower()}
    return Callers(token, frozenset(own.union(name.lower() for name in names)))


def read_token(path: Path) -> str:
    """The word in *path*. Raises ConfigError where others can read it too, or it is too short to be a secret."""
    hint = _NEW_TOKEN.format(path=path)
    try:
        found = path.stat()
        token = path.read_text("ascii").strip()
    except FileNotFoundError as error:
        raise ConfigError(f"There is no token file {shown(path)}.", hint=hint) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"The token file {shown(path)} cannot be read.", hint=hint) from error
    if os.name == "posix" and (stat.S_IMODE(found.st_mode) & _OTHERS or found.st_uid not in (os.getuid(), 0)):
        raise ConfigError(f"Others can read the token file {shown(path)}.", hint=f"Say: chmod 600 {path}")
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or " " in token:
        raise ConfigError(f"The token in {shown(path)} is no word of {SHORTEST_TOKEN} characters or more.", hint=hint)
    return token


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
