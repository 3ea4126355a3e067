"""The container's entry: `python3 -P -m imageserver.container`, with the server's own flags."""

from __future__ import annotations

import os
import sys

from .start import start

if __name__ == "__main__":
    start(sys.argv[1:], os.environ)
