"""What a process asks of the kernel, in AppArmor's terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What AppArmor decides on."""

    FILE = "file"
    NETWORK = "network"
    CAPABILITY = "capability"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One thing that has to be allowed.

    Attributes:
        name: A path, resolved, a directory's with a slash at its end; or `inet stream`; or a capability;
            or `send` and `receive`.
        perms: Of a file, AppArmor's letters.
        seen: The call that needs it.
    """

    kind: Kind
    name: str
    perms: str = ""
    seen: str = field(default="", compare=False)

    def __str__(self) -> str:
        said = f"{self.kind} {self.name} {self.perms}".rstrip()
        return f"{said}, for {self.seen}" if self.seen else said
