from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from imageserver.tls.addresses import local_addresses, machine_names

if TYPE_CHECKING:
    from pathlib import Path

FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.168.1.0/24 2 0 2
        |-- 192.168.1.0
           /24 link UNICAST
        |-- 192.168.1.5
           /32 link BROADCAST
           /32 host LOCAL
        |-- 192.168.1.20
           /32 host LOCAL
Local:
        |-- 192.168.1.5
           /32 host LOCAL
"""
IF_INET6 = """fe8000000000000000fc00fffe000001 04 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000002 04 40 00 82     eth0
"""


def test_addresses_are_found_in_the_kernels_tables(tmp_path: Path) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    (tmp_path / "if_inet6").write_text(IF_INET6)
    assert local_addresses(tmp_path) == ["127.0.0.1", "192.168.1.5", "192.168.1.20", "::1", "fd00::2"]


def test_a_system_without_these_tables_has_its_names_alone(tmp_path: Path) -> None:
    assert local_addresses(tmp_path) == []
    assert machine_names(tmp_path)[-1] == "localhost"


def test_this_machine_is_known() -> None:
    names = machine_names()
    assert {"127.0.0.1", "localhost", socket.gethostname()} <= set(names)
