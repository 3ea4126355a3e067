"""The memory of the last picture serves the next one."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""As glibc's `malloc.h` numbers them."""

_KEPT = 24 * 1024 * 1024
_LARGEST = 16 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Ask the C library to keep freed memory, up to some 24 MB, instead of giving it back at once.

    Decoding and scaling a picture takes and frees several megabytes; given back to the system in between,
    they cost about a thousand page faults and 3 ms of CPU a picture.

    Returns:
        False where the C library is another than glibc, and does as it likes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGEST) and mallopt(_M_TRIM_THRESHOLD, _KEPT))
