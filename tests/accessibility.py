"""axe-core, which finds what keeps people from a page. It is fetched once by npm, and stays in the build folder."""

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests.browser import Browser

VERSION = "4.14.1"
CACHE = Path(__file__).parents[1] / "build" / f"axe-core-{VERSION}"
FETCH_SECONDS = 120.0


def script() -> str | None:
    """None where it is not there and cannot be fetched."""
    path = CACHE / "package" / "axe.min.js"
    if not path.exists() and not _fetch():
        return None
    return path.read_text("utf-8")


def complaints(browser: Browser, axe: str) -> list[str]:
    """What axe finds in the page that is open: each rule with the first element that breaks it."""
    browser.evaluate(f"{axe}; 0")
    # axe takes a formula for nothing, and so a head cell that holds nothing else for empty.
    scope = "{exclude: [['th:has(math)']]}"
    results: dict[str, Any] = browser.evaluate(f"axe.run({scope}, {{resultTypes: ['violations']}})")
    return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in results["violations"]]


def _fetch() -> bool:
    if shutil.which("npm") is None:
        return False
    CACHE.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"axe-core@{VERSION}", "--silent"]
    done = subprocess.run(command, cwd=CACHE, capture_output=True, timeout=FETCH_SECONDS, check=False)
    if done.returncode == 0:
        with tarfile.open(CACHE / f"axe-core-{VERSION}.tgz") as archive:
            archive.extract("package/axe.min.js", CACHE, filter="data")
    return done.returncode == 0
