"""stub"""

from dataclasses import dataclass


@dataclass
class S:
    count: int


def count(text: str) -> S:
    return S(1)
