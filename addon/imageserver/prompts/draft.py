"""The prompt book as it shall be: a change works on a draft before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError, PromptError
from .ledger import Ledger

if TYPE_CHECKING:
    from ..models import PromptText
    from .file import Entry, Values


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry under its id.

    Attributes:
        frame: The frame that added it; None for a person's.
    """

    id: str
    entry: Entry
    frame: str | None = None


@dataclass(slots=True)
class Draft:
    """What may be changed; the place in the list, from 0, is one less than idx."""

    prompts: list[Kept]
    lists: Values
    ledger: Ledger = field(default_factory=Ledger)

    def place(self, prompt_id: str) -> int:
        """Return where a prompt stands.

        Raises:
            NotFoundError: It is not there (any more).
        """
        for place, kept in enumerate(self.prompts):
            if kept.id == prompt_id:
                return place
        raise NotFoundError(f"There is no prompt {prompt_id}")

    def refuse_double(self, text: PromptText) -> None:
        """Do nothing where no prompt has the same text.

        Raises:
            PromptError: One has.
        """
        for idx, kept in enumerate(self.prompts, 1):
            if kept.entry.text == text:
                off = "" if kept.entry.enabled else ", which is switched off"
                raise PromptError(f"This prompt is there already: it is prompt {idx}{off}.")
