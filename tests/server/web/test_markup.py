from __future__ import annotations

from imageserver.web.markup import element, join, void

EVIL = """<script>alert("1")</script>&'"""
TAMED = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#x27;"


def test_text_is_escaped_and_elements_are_not() -> None:
    assert element("p", EVIL, element("b", "!")) == f"<p>{TAMED}<b>!</b></p>"


def test_attributes_are_escaped() -> None:
    assert element("a", "x", href=EVIL, class_="y") == f'<a href="{TAMED}" class="y">x</a>'


def test_what_is_joined_is_escaped_once() -> None:
    assert join(join(EVIL), "&") == f"{TAMED}&amp;"


def test_an_element_without_content_has_no_end() -> None:
    assert void("meta", http_equiv="refresh", name="n") == '<meta http-equiv="refresh" name="n">'
