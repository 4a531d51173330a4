"""The word that lets a caller in: where it is kept, and when it is none."""

import os
import stat
from pathlib import Path

from gotwatch.documents import shown
from gotwatch.errors import ConfigError

SHORTEST_TOKEN = 16
NEW_TOKEN = "Make one with: (umask 077; openssl rand -hex 32 > {path})"
_OTHERS = 0o077  # rights of the group and of all


def read_token(path: Path) -> str:
    """The word in *path*. Raises ConfigError where others can read it too, or it is too short to be a secret."""
    hint = NEW_TOKEN.format(path=path)
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
