"""A module of the benchmarks in a process of its own, whose memory and threads are then its alone."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from bench.program import ROOT


def answer(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """What *module* prints in its last line, as JSON. Raises CalledProcessError."""
    command = [sys.executable, "-m", module, *arguments]
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(printed.splitlines()[-1])
