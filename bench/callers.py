"""Many callers of POST /ocr at once, in a process of their own and as cheap as can be. Run by the server benchmark."""

import asyncio
import base64
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAD = b"POST /ocr HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass(slots=True)
class Tally:
    seconds: list[float] = field(default_factory=list)  # of each request
    answers: dict[str, set[bytes]] = field(default_factory=dict)  # by page
    errors: int = 0


async def call(port: int, work: Iterator[tuple[str, bytes]], tally: Tally) -> None:
    """One caller, on one connection, as long as there is work."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for name, body in work:
        began = time.perf_counter()
        writer.write(HEAD % (port, len(body)) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        tally.seconds.append(time.perf_counter() - began)
        tally.answers.setdefault(name, set()).add(answer)
        tally.errors += not head.startswith(b"http/1.1 200")
    writer.close()


async def call_together(port: int, callers: int, bodies: dict[str, bytes], requests: int) -> tuple[float, Tally]:
    names = list(bodies)
    work = ((name, bodies[name]) for name in (names[number % len(names)] for number in range(requests)))
    tally = Tally()
    began = time.perf_counter()
    await asyncio.gather(*(call(port, work, tally) for _ in range(callers)))
    return time.perf_counter() - began, tally


def main(port: int, callers: int, requests: int, folder: Path) -> None:
    """Print the time for all, that of the median request, errors, and each page's answers, as JSON."""
    bodies = {path.name: _body(path) for path in sorted(folder.iterdir())}
    seconds, tally = asyncio.run(call_together(port, callers, bodies, requests))
    outcome = {
        "seconds": seconds,
        "median_milliseconds": statistics.median(tally.seconds) * 1000,
        "slowest_milliseconds": max(tally.seconds) * 1000,
        "errors": tally.errors,
        "answers": {name: sorted(answer.decode() for answer in answers) for name, answers in tally.answers.items()},
    }
    print(json.dumps(outcome))


def _body(path: Path) -> bytes:
    return json.dumps({"image": base64.b64encode(path.read_bytes()).decode(), "ocr_type": "ocr"}).encode()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
