"""Runs pandoc. The only module that knows that program."""

import json
import shutil
import subprocess
import tempfile

from gotwatch.errors import FormUnavailable

_SECONDS = 60.0
_MOST_SHOWN = 200  # characters of its complaint


def find() -> str:
    """Where it is. Raises FormUnavailable where it is not installed."""
    found = shutil.which("pandoc")
    if found is None:
        hint = "Install it from pandoc.org, or take docx out of formats."
        raise FormUnavailable("pandoc is not installed", hint=hint)
    return found


def tree_version() -> list[int]:
    """Of the trees that this pandoc reads."""
    told = json.loads(_run("--from=markdown", "--to=json", given=b""))
    return [int(number) for number in told["pandoc-api-version"]]


def docx(tree: bytes) -> bytes:
    """*tree* must name no outside file: pandoc would fetch it."""
    return _run("--from=json", "--to=docx", "--output=-", given=tree)


def _run(*options: str, given: bytes) -> bytes:
    pandoc = find()
    with tempfile.TemporaryDirectory(prefix="gotwatch-") as folder:
        # In a folder of its own and without the user's settings, it finds nothing that could change the result.
        command = [pandoc, f"--data-dir={folder}", *options]
        try:
            done = subprocess.run(command, input=given, capture_output=True, timeout=_SECONDS, cwd=folder, check=True)
        except subprocess.TimeoutExpired as exc:
            raise FormUnavailable(f"pandoc took longer than {_SECONDS:g} s") from exc
        except subprocess.CalledProcessError as exc:
            complaint = exc.stderr.decode("utf-8", "replace").strip()[:_MOST_SHOWN]
            raise FormUnavailable(f"pandoc does not take it: {complaint}") from exc
        except OSError as exc:
            raise FormUnavailable(f"pandoc cannot be started: {exc.strerror}") from exc
    return done.stdout
