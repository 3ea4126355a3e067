"""Tests of what only root can do, and who runs them."""

from __future__ import annotations

import os

import pytest

from imageserver.container.ownership import User

ME = User(os.geteuid(), os.getegid())

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
needs_a_user = pytest.mark.skipif(os.geteuid() == 0, reason="root is refused nothing")
