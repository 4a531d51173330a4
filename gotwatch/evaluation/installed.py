"""Whether what an evaluation needs is installed. Asks without loading anything."""

from importlib.util import find_spec

from gotwatch.errors import UsageError

_PACKAGES = ("rapidfuzz", "jieba", "nltk")


def check() -> None:
    """Raises UsageError, which says what to install."""
    if missing := [package for package in _PACKAGES if find_spec(package) is None]:
        verb = "is" if len(missing) == 1 else "are"
        hint = 'Install what evaluations need with: pip install "gotwatch[evaluate]"'
        raise UsageError(f"{', '.join(missing)} {verb} not installed", hint=hint)
