from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user of this machine can come to; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="imageserver-tests-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
