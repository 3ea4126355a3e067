"""Everything in the prompt book that is probably not what someone meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import PromptText
from .prompt import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .checks import Checked
    from .file import Document
    from .prompt import PromptTaker

# A provider that does not take even this takes no prompts at all, such as a folder of pictures.
_SHORT = PromptText("a")


def find(
    document: Document, prompts: Sequence[Checked], *, takers: Sequence[PromptTaker], amount: int
) -> Iterator[Finding]:
    """Yield what was noticed: about the file, then prompt by prompt."""
    for note in document.notes:
        prompt_id = None if note.idx is None else prompts[note.idx - 1].id
        yield Finding(text=note.text, prompt_id=prompt_id, idx=note.idx, line=note.line)
    if len(prompts) > amount:
        text = f"{len(prompts)} prompts are more than the {amount} of prompts_amount: all of them are used."
        yield Finding(text=text)
    first: dict[PromptText, int] = {}
    for prompt in prompts:
        yield from prompt.findings
        yield from too_long(prompt, takers)
        other = first.setdefault(prompt.entry.text, prompt.idx)
        if other != prompt.idx:
            yield _about(prompt, f"It is the same as prompt {other}, so it is drawn twice as often.")


def too_long(prompt: Checked, takers: Sequence[PromptTaker]) -> Iterator[Finding]:
    """Yield a finding where no provider takes the longest expansion of a prompt."""
    fitting = fits(prompt.longest, takers)
    if prompt.drawable and fitting and not any(fitting.values()):
        length = len(prompt.longest.prompt) + len(prompt.longest.negative or "")
        text = f"It can get {length} characters long, which no provider takes: it is never drawn."
        yield _about(prompt, text)


def fits(text: PromptText, takers: Sequence[PromptTaker]) -> dict[str, bool]:
    """Return, by code, whether each provider that takes prompts takes one of this length."""
    return {taker.code: taker.fits(text) for taker in takers if taker.fits(_SHORT)}


def _about(prompt: Checked, text: str) -> Finding:
    return Finding(text=text, prompt_id=prompt.id or None, idx=prompt.idx or None, line=prompt.entry.line)
