"""What a server has answered for, which therefore holds for ever: also after it was killed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class Ledger:
    """Facts by name; of one whose change was cut off, either value will do.

    Attributes:
        told: The highest value of each counter that anyone was told.
        promised: What was asked for with a kill in between and may or may not have happened.
        answered: What holds by now is one of several.
        trail: What came to pass, in order.
    """

    known: dict[str, Any] = field(default_factory=dict)
    promised: dict[str, list[Any]] = field(default_factory=dict)
    answered: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)

    @contextmanager
    def change(self, name: str, *values: Any) -> Iterator[None]:
        """Ask for a change within the block, to one of these values: who leaves it well was answered."""
        self.promised.setdefault(name, []).extend(values)
        self.trail.append(f"{name}: {values} asked for")
        yield
        self.trail.append(f"{name}: answered")
        self.promised.pop(name)
        if len(values) == 1:
            self.known[name] = values[0]
            return
        self.known.pop(name, None)
        self.answered[name] = values

    def forget(self, name: str) -> None:
        """The thing itself is gone, as it may."""
        self.trail.append(f"{name}: forgotten")
        for facts in (self.known, self.promised, self.answered):
            facts.pop(name, None)

    def compare(self, name: str, found: Any) -> None:
        """Hold what is found against what was answered; from then on that is what is known."""
        possible = self.promised.pop(name, [])
        certain = self.answered.pop(name, (self.known[name],) if name in self.known else ())
        if certain:
            possible = [*certain, *possible]
            if found not in possible:
                story = [line for line in self.trail if line.startswith(f"{name}:")]
                should = " or ".join(map(repr, possible))
                self.wrong.append(f"{name} is {found!r}, and should be {should}; {story[-6:]}")
        self.known[name] = found
        self.trail.append(f"{name}: is {found!r}")

    def tell(self, name: str, value: float, *, before: Mapping[str, float]) -> None:
        """Note a counter: it is never less than what anyone was told before it was asked for."""
        if value < before.get(name, 0):
            self.wrong.append(f"{name} went back from {before[name]:g} to {value:g}")
        self.hear(name, value)

    def hear(self, name: str, value: float) -> None:
        """Note a counter that may be told late."""
        self.told[name] = max(value, self.told.get(name, 0))

    def expect(self, condition: object, otherwise: str) -> None:
        """Note a sentence where something is not as it must be."""
        if not condition:
            self.wrong.append(otherwise)
