"""The version of gotwatch, for pyproject.toml and for results: asking the installation would take as long as a page."""

VERSION = "0.1.0"
