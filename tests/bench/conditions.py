"""What a figure was measured on: without it, it says nothing."""

from __future__ import annotations

import os
import platform
import ssl
from importlib.metadata import version
from typing import Any

import psutil


def conditions(**more: Any) -> dict[str, Any]:
    """The machine and the versions, and whatever else a program adds."""
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load_before": round(psutil.getloadavg()[0], 2),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "aiohttp": version("aiohttp"),
        "pillow": version("pillow"),
        **more,
    }
