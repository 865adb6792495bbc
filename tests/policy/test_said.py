"""A sentence that remembers what it was made of."""

import copy
import pickle
from dataclasses import asdict, dataclass
from datetime import timedelta

import pytest

from tracker.policy.said import Said, say


def test_it_is_the_english_sentence_and_knows_its_facts() -> None:
    said = say("%(name)s is missing.", name="The topic")
    assert said == "The topic is missing."
    assert (said.text, said.facts) == ("%(name)s is missing.", {"name": "The topic"})


@pytest.mark.parametrize(
    ("minutes", "written"), [(0, "0 min"), (119, "119 min"), (120, "2 h"), (1439, "23 h")]
)
def test_from_two_hours_on_a_length_is_said_in_hours(minutes: int, written: str) -> None:
    assert say("%(length)s late", length=timedelta(minutes=minutes)) == f"{written} late"


@dataclass
class Finding:
    detail: str


def test_copies_of_it_know_as_much() -> None:
    said = say("%(name)s is missing.", name="The topic")
    kept = asdict(Finding(said))["detail"]
    for copied in (copy.deepcopy(said), pickle.loads(pickle.dumps(said)), kept):  # noqa: S301 our own bytes
        assert isinstance(copied, Said)
        assert (copied, copied.text, copied.facts) == (said, said.text, said.facts)
