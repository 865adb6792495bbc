"""What may a program send to `/api/v1`, field by field?

Names are those of the columns and of the CSV. Times are RFC 3339 with an offset.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)

from tracker.policy.outcomes import Disposition, Outcome

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
LARGEST = 2**63 - 1


def _written(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if isinstance(value, str) and WRITTEN.match(value):
        return value
    raise ValueError("give a time with its offset, like 2026-11-19T15:00:00-05:00 or 2026-11-19T20:00:00Z")


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("that date is out of reach") from None


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it has a NUL character, which no text has: send it without")
    return text


Moment = Annotated[AwareDatetime, Strict(False), BeforeValidator(_written), AfterValidator(_in_utc)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_storable)]
Ref = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_storable),
]
Version = Annotated[int, Field(ge=1, le=LARGEST)]


class Given(BaseModel):
    """Something sent to us: nothing is converted, and a field that does not exist is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Asked(Given):
    """What follows the question mark of an address: text, so numbers are read out of it."""

    model_config = ConfigDict(strict=False)


class Timed(Given):
    """A due time: `due_at` exactly, or `due` in words."""

    due_at: Moment | None = None
    due: Text | None = Field(None, description='In words, by your own clock: "tomorrow 3pm".')
    confirmed: bool = Field(
        False, description="This time is meant, although the owner is off then or the customer asleep."
    )

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.due_at is None) == (self.due is None):
            raise ValueError("give due_at, or due in plain words: one of the two")
        return self


class Versioned(Given):
    """A change of a promise."""

    version: Version | None = Field(
        None, description="The version you looked at: 409 if it has changed since. `If-Match` does the same."
    )


class NewCommitment(Timed):
    """A promise made to a customer."""

    customer_phone: Text
    customer_name: Text = Field("", description="Of a customer we do not know yet.")
    topic: Text
    kind: Text = "callback"
    owner_email: Text | None = Field(None, description="Who answers for it; you, if nobody is named.")
    external_ref: Ref | None = Field(
        None, description="Your own number for it, one a team: sent again, it makes no second promise."
    )


class NewAttempt(Versioned):
    """A try to reach the customer, just now."""

    disposition: Disposition
    note: Text = ""


class NewRevision(Versioned, Timed):
    """Another due time."""

    reason: Text
    told: bool = Field(False, description="The customer knows already; else they are texted.")


class Closing(Versioned):
    """An ending, which the evidence must bear out."""

    outcome: Outcome
    reference: Text = ""
    duplicate_of: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


class Reopening(NewRevision):
    """It did not hold."""


class NewOwner(Versioned):
    """Somebody else answers for it from now on."""

    owner_email: Text
    reason: Text


class Wanted(Asked):
    """Which promises."""

    state: Literal["open", "closed"] = "open"
    team: Text | None = None
    owner: Text | None = Field(None, description="E-mail address.")
    phone: Text | None = Field(None, description="The customer's; write + as %2B.")
    due_after: Moment | None = Field(None, description="Due then or later.")
    due_before: Moment | None = Field(None, description="Due earlier than then.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Text | None = Field(None, description="`next` of the page before.")


class AdviceWanted(Asked):
    """Whose promise of which kind, and perhaps by when."""

    owner: Text = Field(description="E-mail address.")
    kind: Text
    team: Text | None = Field(None, description="The owner's, if it is named.")
    due: Moment | None = None
