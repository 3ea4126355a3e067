"""What a figure was measured on: without it, it says nothing."""

from __future__ import annotations

import os
import platform
import ssl
import time
from importlib.metadata import version
from io import BytesIO
from typing import Any

import psutil
from PIL import Image

from tests.pictures import jpeg

RUNS = 10


def old_recipe_ms() -> float:
    """CPU of the old server's way to scale one picture, in Pillow: how fast the machine is at this moment."""
    source = jpeg(1024, 1536)
    began = time.process_time()
    for _ in range(RUNS):
        image = Image.open(BytesIO(source)).resize((320, 480), Image.Resampling.LANCZOS)
        image.save(BytesIO(), "JPEG", quality=95, subsampling="4:2:0")
    return round((time.process_time() - began) / RUNS * 1000, 1)


def conditions(**more: Any) -> dict[str, Any]:
    """The machine and the versions, and whatever else a program adds."""
    return {
        "old_recipe_ms": old_recipe_ms(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load_before": round(psutil.getloadavg()[0], 2),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "aiohttp": version("aiohttp"),
        "pillow": version("pillow"),
        **more,
    }
