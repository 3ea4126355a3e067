"""What this machine is called, for its certificate; Linux tells its addresses without any library."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

PROC = Path("/proc/net")

_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}\.?)*", re.IGNORECASE | re.ASCII)
_LEAF = "|-- "
_LOCAL = "/32 host LOCAL"
_LINK_SCOPE = "20"


def machine_names(proc: Path = PROC) -> list[str]:
    """Return this machine's addresses and names; blocking."""
    host_name = socket.gethostname()
    names = [host_name] if _HOST_NAME.fullmatch(host_name) else []
    return [*local_addresses(proc), *names, "localhost"]


def local_addresses(proc: Path = PROC) -> list[str]:
    """Return this machine's addresses, without those that hold on one link only; blocking."""
    v4, address = set(), ""
    for line in _lines(proc / "fib_trie"):
        if line.startswith(_LEAF):
            address = line.removeprefix(_LEAF)
        elif line == _LOCAL:
            v4.add(IPv4Address(address))
    v6 = set()
    for line in _lines(proc / "if_inet6"):
        digits, _, _, scope, *_ = line.split()
        if scope != _LINK_SCOPE:
            v6.add(IPv6Address(bytes.fromhex(digits)))
    return [str(address) for address in (*sorted(v4), *sorted(v6))]


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
    except OSError:
        return []
