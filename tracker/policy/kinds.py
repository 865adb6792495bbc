"""What can be promised? The built-in kinds; a team may add its own."""

from collections.abc import Sequence

SPOKEN = ("callback", "answer")
"""Kinds that are fulfilled by talking: only a reached attempt proves them."""
BUILT_IN = (*SPOKEN, "refund", "replacement", "visit", "other")


def needs_talk(kind: str) -> bool:
    """Is a conversation the only proof? Anything else can be proven by a reference as well."""
    return kind in SPOKEN


def choices(own: Sequence[str]) -> list[str]:
    """All kinds a team can choose from, the built-in ones first."""
    return [*BUILT_IN, *(kind for kind in own if kind not in BUILT_IN)]
