"""The network of a home with one container in it, apart from the machine's own.

    lo (all that is not the container)                        eth0 (the container's)
    172.30.32.1 Home Assistant, 172.30.32.2 Supervisor  <-->  172.30.33.2
    192.168.50.10 the same machine as frames see it,
    192.168.50.21.. frames, 192.168.50.40 a service

Whoever opens a socket in the thread that entered the home is in it, and may speak from any of its addresses.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path
from typing import TYPE_CHECKING

from pyroute2 import IPRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MACHINE = "192.168.50.10"
FRAMES = tuple(f"192.168.50.{number}" for number in range(21, 26))
SERVICE = "192.168.50.40"
STRANGER = "203.0.113.9"
"""Somebody outside the home, as a badly set router lets in."""

_LOW_PORTS = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


@dataclass(frozen=True, slots=True)
class Bridge:
    """A container network.

    Attributes:
        container: The container's address.
        gateway: The host's address in it.
        others: Further addresses in it that are not the container's.
    """

    name: str
    container: IPv4Interface
    gateway: str
    others: tuple[str, ...] = ()


SUPERVISORS = Bridge(
    "hassio", IPv4Interface("172.30.33.2/23"), "172.30.32.1", others=("172.30.32.2", "172.30.32.3")
)
ENGINES = Bridge("docker0", IPv4Interface("172.17.0.2/16"), "172.17.0.1")


class Plug:
    """A container's end of the network.

    Attributes:
        namespace: The open file of its namespace.
    """

    def __init__(self, bridge: Bridge) -> None:
        """Lay the cable; to be called by who is in the home."""
        self.namespace = _elsewhere(_new_namespace)
        self._bridge = bridge
        self._cable = f"v{bridge.name}"
        _elsewhere(self._lay_cable)
        _elsewhere(self._plug_in)

    def pull(self) -> None:
        """Take the cable away."""
        _elsewhere(self._take_cable)
        os.close(self.namespace)

    def _lay_cable(self) -> None:
        bridge, peer = self._bridge, {"ifname": "eth0", "net_ns_fd": self.namespace}
        with IPRoute() as host:
            host.link("add", ifname=self._cable, kind="veth", peer=peer)
            cable = host.link_lookup(ifname=self._cable)[0]
            host.link("set", index=cable, state="up")
            host.route("add", dst=f"{bridge.container.ip}/32", oif=cable, prefsrc=bridge.gateway)

    def _take_cable(self) -> None:
        with IPRoute() as host:
            host.link("del", index=host.link_lookup(ifname=self._cable)[0])

    def _plug_in(self) -> None:
        os.setns(self.namespace, os.CLONE_NEWNET)
        # As engines set it: ports below 1024 need no right in a network of one's own.
        _LOW_PORTS.write_text("0")
        address = self._bridge.container
        with IPRoute() as container:
            eth0 = container.link_lookup(ifname="eth0")[0]
            container.addr("add", index=eth0, address=str(address.ip), prefixlen=address.network.prefixlen)
            for link in (container.link_lookup(ifname="lo")[0], eth0):
                container.link("set", index=link, state="up")
            container.route("add", dst="default", gateway=self._bridge.gateway)


@contextmanager
def home() -> Iterator[None]:
    """Move this thread into a home's network for as long as the block lasts."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.unshare(os.CLONE_NEWNET)
        _elsewhere(_move_in)
        yield
    finally:
        os.setns(before, os.CLONE_NEWNET)
        os.close(before)


def _move_in() -> None:
    _FORWARDING.write_text("1")  # nowhere, but who tries is told so at once
    bridges = [address for bridge in (SUPERVISORS, ENGINES) for address in (bridge.gateway, *bridge.others)]
    with IPRoute() as host:
        lo = host.link_lookup(ifname="lo")[0]
        host.link("set", index=lo, state="up")
        for address in (*bridges, MACHINE, *FRAMES, SERVICE, STRANGER):
            host.addr("add", index=lo, address=address, prefixlen=32)


def _new_namespace() -> int:
    os.unshare(os.CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _elsewhere[T](work: Callable[[], T]) -> T:
    """Do something in a thread of its own: it may change its namespaces, and has no loop of events."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()
