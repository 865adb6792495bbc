"""What can be promised, and what proves it?"""

import pytest

from tracker.policy.kinds import BUILT_IN, choices, needs_talk


@pytest.mark.parametrize(
    ("kind", "talk"),
    [
        ("callback", True),
        ("answer", True),
        ("refund", False),
        ("replacement", False),
        ("visit", False),
        ("other", False),
        ("survey", False),
    ],
)
def test_only_what_is_fulfilled_by_talking_needs_a_talk_as_proof(kind: str, talk: bool) -> None:
    assert needs_talk(kind) is talk


@pytest.mark.parametrize(
    ("own", "offered"),
    [
        ([], list(BUILT_IN)),
        (["survey"], [*BUILT_IN, "survey"]),
        (["survey", "audit"], [*BUILT_IN, "survey", "audit"]),
        (["refund", "survey"], [*BUILT_IN, "survey"]),
    ],
)
def test_a_team_chooses_from_the_built_in_kinds_and_then_its_own_each_once(
    own: list[str], offered: list[str]
) -> None:
    assert choices(own) == offered
