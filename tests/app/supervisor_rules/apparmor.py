"""An app's apparmor.txt, as far as the Supervisor reads it.

Supervisor: utils/apparmor.py. It looks for lines that begin with `profile`, takes what follows up to a space
as the name, and puts the installed app's slug in its place; a profile within the profile is indented.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"profile ([^ ]+)")


def profile_names(text: str) -> list[str]:
    """Return the names that the Supervisor finds: with the line's end, where no space follows."""
    return [match[1] for line in text.splitlines(keepends=True) if (match := _LINE.match(line))]


def findings(text: str, slug: str) -> list[str]:
    """Return why the app could not be installed, or would run under another profile than its own."""
    names = profile_names(text)
    if len(names) != 1:
        return [f"has {len(names)} lines that begin with `profile NAME`, and must have one"]
    if names[0] in "profile":
        return [f"the name {names[0]} is part of the word profile, which would be replaced instead"]
    return [] if names[0] == slug else [f"its profile is {names[0]!r}, and must be {slug!r}"]


def adjusted(text: str, installed_slug: str) -> str:
    """Return the profile as the Supervisor loads it."""
    (name,) = profile_names(text)
    return "".join(
        line.replace(name, installed_slug, 1) if _LINE.match(line) else line
        for line in text.splitlines(keepends=True)
    )
