"""A person who has never started gotwatch."""

import os
import tomllib
from pathlib import Path
from typing import Any


def newcomers_environment(home: Path) -> dict[str, str]:
    places = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / "config",
        "XDG_STATE_HOME": home / "state",
        "HF_HOME": home / "hub",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOTWATCH", "XDG", "HF", "LC"))}
    return kept | {name: str(place) for name, place in places.items()} | {"LANG": "C.UTF-8", "HF_HUB_OFFLINE": "1"}


def config_of(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config" / "gotwatch" / "config.toml").read_text("utf-8"))
