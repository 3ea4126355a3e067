"""What opens the API."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that the server has just made; it is shown in no `repr`."""

    token: str = field(repr=False)
