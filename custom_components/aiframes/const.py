"""Names that several files share."""

from __future__ import annotations

from typing import Final

DOMAIN: Final = "aiframes"
MANUFACTURER: Final = "AIFrames"
MODEL: Final = "ImageServer"
FRAME_MODEL: Final = "Photo frame"
