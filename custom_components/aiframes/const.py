"""Names that several files share."""

from __future__ import annotations

from typing import Final

DOMAIN: Final = "aiframes"
NAME: Final = "AIFrames ImageServer"
MANUFACTURER: Final = "AIFrames"
MODEL: Final = "ImageServer"
FRAME_MODEL: Final = "Photo frame"

CONF_APP: Final = "app"
"""In an entry's data: the app's slug, where the server is one."""
