"""One life of the engine process, from spawn to the end. The only module that starts and kills it."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from gotwatch.engine import worker
from gotwatch.engine.base import EngineSpec, Reply, Request
from gotwatch.words import marked

_KILLED_SECONDS = 5.0  # a process that is stuck in a driver does not end even when killed: leave it behind


@dataclass(slots=True)
class Child:
    process: SpawnProcess
    pipe: Connection
    pid: int
    ready: bool = False
    hung_up: bool = False  # its end of the pipe is closed

    @property
    def dead(self) -> bool:
        return self.hung_up or not self.process.is_alive()

    def hear(self) -> Iterator[Reply]:
        """What it has said so far, to the last word if it is dead."""
        try:
            while self.pipe.poll():
                yield self.pipe.recv()
        except (EOFError, OSError):
            self.hung_up = True

    def ask(self, request: Request) -> None:
        try:
            self.pipe.send(request)
        except OSError:
            self.hung_up = True

    def end(self, patience_seconds: float) -> str:
        """End it, by force if it takes longer than this. How it ended, for the log and the person."""
        self.pipe.close()
        self.process.join(patience_seconds)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join(_KILLED_SECONDS)
        code = self.process.exitcode
        if code is None:
            return "cannot be ended"
        self.process.close()
        return f"signal {-code}" if code < 0 else marked(f"exit code {code}")


def spawn(spec: EngineSpec) -> Child:
    """Start it. Raises OSError where the system has no room for another process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=worker.serve, args=(theirs, spec), name="engine", daemon=True)
    try:
        process.start()
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()  # so that the pipe ends with the child
    assert process.pid is not None
    return Child(process, ours, process.pid)
