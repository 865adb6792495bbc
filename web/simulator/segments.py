"""How many segments does a carrier make of a text?

GSM 03.38: 160 septets in a single text, 153 in each part of a longer one; anything outside its alphabet turns
the whole text into UCS-2, 70 units alone and 67 in a part. Written out here rather than shared with the
product: a stand-in that counts with the product's own code could never disagree with it.
"""

from collections.abc import Callable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")


def units(body: str) -> int:
    """The length as the carrier counts it: septets, or UTF-16 units where GSM-7 does not suffice."""
    _, width = _encoding(body)
    return sum(map(width, body))


def segments(body: str) -> int:
    """The number of segments, at least 1. A character that takes two units is never split."""
    (single, part), width = _encoding(body)
    if units(body) <= single:
        return 1
    count, room = 1, part
    for character in body:
        if width(character) > room:
            count, room = count + 1, part
        room -= width(character)
    return count


def _encoding(body: str) -> tuple[tuple[int, int], Callable[[str], int]]:
    if _BASIC.issuperset(set(body) - _ESCAPED):
        return (160, 153), lambda character: 2 if character in _ESCAPED else 1
    return (70, 67), lambda character: 2 if ord(character) > 0xFFFF else 1
