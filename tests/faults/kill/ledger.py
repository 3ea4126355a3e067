"""What a server has answered for, which therefore holds for ever: also after it was killed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Ledger:
    """Facts by name; of one whose change was cut off, either value will do.

    Attributes:
        told: The highest value of each counter that anyone was told.
        promised: What was asked for with a kill in between and may or may not have happened.
    """

    known: dict[str, Any] = field(default_factory=dict)
    promised: dict[str, list[Any]] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def change(self, name: str, *values: Any) -> Iterator[None]:
        """Ask for a change within the block, to one of these values: who leaves it well was answered."""
        self.promised.setdefault(name, []).extend(values)
        yield
        self.promised.pop(name)
        if len(values) == 1:
            self.known[name] = values[0]
            return
        self.known.pop(name)
        self.promised[name] = [*values]

    def forget(self, name: str) -> None:
        """The thing itself is gone, as it may."""
        self.known.pop(name, None)
        self.promised.pop(name, None)

    def compare(self, name: str, found: Any) -> None:
        """Hold what is found against what was answered; from then on that is what is known."""
        possible = self.promised.pop(name, [])
        if name in self.known or possible:
            possible = [*([self.known[name]] if name in self.known else []), *possible]
            if found not in possible:
                self.wrong.append(f"{name} is {found!r}, and should be {' or '.join(map(repr, possible))}")
        self.known[name] = found

    def tell(self, name: str, value: float) -> None:
        """Note a counter: it never goes back."""
        before = self.told.get(name, 0)
        if value < before:
            self.wrong.append(f"{name} went back from {before:g} to {value:g}")
        self.told[name] = value

    def expect(self, condition: object, otherwise: str) -> None:
        """Note a sentence where something is not as it must be."""
        if not condition:
            self.wrong.append(otherwise)
