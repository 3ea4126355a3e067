"""Path patterns as AppArmor reads them (`man apparmor.d`, "Globbing")."""

from __future__ import annotations

import re

_CLASS = re.compile(r"\[\^?[^\]]+\]")
_SIGNS = {"?": "[^/]", "{": "(?:", "}": ")"}


def compile_glob(glob: str) -> re.Pattern[str]:
    """Return what matches the paths that `glob` does."""
    return re.compile(_expression(glob), re.DOTALL)


def _expression(glob: str) -> str:
    parts: list[str] = []
    at = depth = 0
    while at < len(glob):
        sign = glob[at]
        taken, part = 1, _SIGNS.get(sign, re.escape(sign))
        if sign == "*":
            taken, part = _stars(glob, at)
        elif sign == "[" and (found := _CLASS.match(glob, at)):
            taken, part = len(found[0]), found[0]
        elif sign == "," and depth:
            part = "|"
        elif sign in {"\\", "["}:
            raise ValueError(f"{glob}: {sign} is not understood here")
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            break
        parts.append(part)
        at += taken
    if depth:
        raise ValueError(f"{glob}: its braces do not match")
    return "".join(parts)


def _stars(glob: str, at: int) -> tuple[int, str]:
    """Two cross slashes and one does not; alone between slashes they stand for at least one character."""
    taken = 2 if glob.startswith("**", at) else 1
    alone = glob[at - 1 : at] == "/" and glob[at + taken : at + taken + 1] in {"", "/"}
    return taken, ("[^/]" if alone else "") + (".*" if taken > 1 else "[^/]*")
