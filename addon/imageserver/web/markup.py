"""HTML that can't be broken by what stands in it."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already; all other text is escaped where it is put in."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Markup:
    """Return an element; a name's last underscore is dropped, others are hyphens."""
    opened = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{opened}>{join(*children)}</{name}>")


def void(name: str, /, **attributes: str) -> Markup:
    """Return an element that has no content."""
    return Markup(element(name, **attributes).removesuffix(f"</{name}>"))


def join(*children: str) -> Markup:
    """Return the children one after the other, as HTML."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))
