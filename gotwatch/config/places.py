"""Where gotwatch keeps its config and its state on this system."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

CONFIG_VARIABLE = "GOTWATCH_CONFIG"
STATE_VARIABLE = "GOTWATCH_STATE_DIR"


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The folder that holds the queue, the log, the lock and the door for commands."""

    path: Path

    @property
    def queue(self) -> Path:
        return self.path / "queue.sqlite3"

    @property
    def log(self) -> Path:
        return self.path / "gotwatch.log"

    @property
    def printed(self) -> Path:
        """What libraries print where nobody looks on."""
        return self.path / "printed.log"

    @property
    def results(self) -> Path:
        """Pages that were asked for over HTTP, where the config names no other place."""
        return self.path / "results"

    @property
    def lock(self) -> Path:
        return self.path / "gotwatch.lock"

    @property
    def pid(self) -> Path:
        return self.path / "gotwatch.pid"

    @property
    def socket(self) -> Path:
        return self.path / "control.sock"

    @property
    def address(self) -> Path:
        """Tells where the socket is, if this folder's path is too long for one."""
        return self.path / "control.address"

    @property
    def key(self) -> Path:
        """Proves to a running gotwatch on Windows that its own user calls, and to him that it is the one."""
        return self.path / "control.key"

    def create(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)


def config_file(chosen: Path | None) -> Path:
    """The config file: *chosen* on the command line, else GOTWATCH_CONFIG, else the system's place for it."""
    if chosen:
        return chosen.expanduser().absolute()
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named).expanduser().absolute()
    return Path(platformdirs.user_config_dir("gotwatch", appauthor=False)) / "config.toml"


def state_folder(chosen: Path | None) -> StateFolder:
    """The state folder: *chosen* on the command line, else GOTWATCH_STATE_DIR, else the system's place for it."""
    if chosen:
        return StateFolder(chosen.expanduser().absolute())
    if named := os.environ.get(STATE_VARIABLE):
        return StateFolder(Path(named).expanduser().absolute())
    return StateFolder(Path(platformdirs.user_state_dir("gotwatch", appauthor=False)))
