"""What everyone else does during a siege: `python -m tests.faults.siege.ordinary HTTP HTTPS API TOKEN`.

A process of its own, so that it waits for nothing but the server. It asks until its input ends, then prints
how long each kind of request took at the most, how many there were, and what went wrong, as JSON.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import select

FRAME, PERSON = ("127.0.0.2", 0), ("127.0.0.3", 0)
PAUSE = 0.05
"""Seconds between two rounds: one frame's and one person's share of a busy home."""
PATIENCE = 20.0
POLLS = 10


class Neighbour:
    """Asks as a frame over both protocols, and as the page and Home Assistant do."""

    def __init__(self, http_port: int, https_port: int, api_port: int, token: str) -> None:
        self.longest: Counter[str] = Counter()
        self.times: list[float] = []
        self.wrong: list[str] = []
        self._token = token
        self._ports = {"HTTP": http_port, "HTTPS": https_port, "API": api_port}
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    def round(self) -> None:
        """Ask once for everything."""
        for protocol in ("HTTP", "HTTPS"):
            started = self._ask(protocol, "POST", "/operation/start", b'{"type":"old"}')
            if started is not None:
                self._fetch(protocol, json.loads(started)["id"])
        self._ask("API", "GET", "/api/v1/status")
        self._ask("API", "GET", "/")

    def _fetch(self, protocol: str, operation: str) -> None:
        """Poll as often as a frame does for one picture."""
        for _ in range(POLLS):
            result = self._ask(protocol, "GET", f"/operation/result/{operation}")
            if result is None or json.loads(result)["status"] == "done":
                return
        self.wrong.append(f"a frame got no picture in {POLLS} polls")

    def _ask(self, protocol: str, method: str, path: str, body: bytes | None = None) -> bytes | None:
        kind = f"{protocol} {method} {path if protocol == 'API' else path.rpartition('/')[0]}"
        began = time.monotonic()
        connection = self._connection(protocol)
        try:
            headers = {"Authorization": f"Bearer {self._token}"} if protocol == "API" else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException) as error:
            self.wrong.append(f"{kind}: {error!r} after {time.monotonic() - began:.2f} s")
            return None
        finally:
            connection.close()
        took = time.monotonic() - began
        self.times.append(took)
        self.longest[kind] = max(self.longest[kind], took)  # type: ignore[assignment] # seconds
        if response.status != 200:
            self.wrong.append(f"{kind}: {response.status} {answer[:200]!r}")
            return None
        return answer

    def _connection(self, protocol: str) -> HTTPConnection:
        port = self._ports[protocol]
        if protocol == "HTTP":
            return HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=FRAME)
        source = FRAME if protocol == "HTTPS" else PERSON
        return HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, source_address=source, context=self._tls)


def main() -> None:
    """Ask until the input ends."""
    http_port, https_port, api_port, token = sys.argv[1:]
    neighbour = Neighbour(int(http_port), int(https_port), int(api_port), token)
    neighbour.round()
    print("asking", flush=True)
    while not select([sys.stdin], [], [], PAUSE)[0]:
        neighbour.round()
    times = sorted(neighbour.times)
    print(
        json.dumps(
            {
                "requests": len(times),
                "p50_ms": round(times[len(times) // 2] * 1000, 1),
                "longest_ms": {kind: round(took * 1000) for kind, took in neighbour.longest.items()},
                "wrong": neighbour.wrong[:20],
            }
        )
    )


if __name__ == "__main__":
    main()
