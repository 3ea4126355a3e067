"""Runs a function in a process of its own: rights that it gives up are gone for it alone."""

from __future__ import annotations

import json
import os
import traceback
import warnings
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable


def in_child[T](function: Callable[[], T]) -> T:
    """Return what a function returns there, which JSON has to be able to say."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # The child does nothing that another thread could have left locked.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(function()).encode())
        except BaseException:  # noqa: BLE001 - whatever it is, there is nobody above
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer, "it failed; its traceback is above"
    return cast("T", cast("Any", json.loads(answer)))
