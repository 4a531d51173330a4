"""Config files as a person would write them."""

from pathlib import Path

import pytest

from gotwatch.config.load import load
from gotwatch.config.settings import Config
from gotwatch.errors import ConfigError

SHORTEST = '[[watch]]\nfolder = "in"\noutput = "out"\n'


def new_config_file(folder: Path) -> Path:
    """Where a config may be written, beside the folder that the shortest one watches."""
    (folder / "in").mkdir()
    return folder / "config.toml"


def read(path: Path, text: str) -> Config:
    path.write_text(text, "utf-8")
    return load(path)


def problem(path: Path, text: str) -> ConfigError:
    """What is said of the wrong config *text*, its own folder left out of it."""
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    caught.value.message = caught.value.message.replace(str(path), path.name)
    return caught.value
