"""What does a program get from `/api/v1`, field by field? Times are in UTC."""

from typing import Any, Literal

from pydantic import AliasPath, AwareDatetime, BaseModel, ConfigDict, Field, computed_field

from tracker.model import Direction, EventKind, MessageStatus
from tracker.policy.outcomes import Disposition, Outcome, Verdict


class Shown(BaseModel):
    """Something that we answer."""

    model_config = ConfigDict(from_attributes=True)


class CommitmentShown(Shown):
    """A promise, as a line of a list. The desk shows it at `/commitments/<id>`."""

    id: int
    version: int
    team: str = Field(validation_alias=AliasPath("team", "name"))
    owner_email: str = Field(validation_alias=AliasPath("owner", "email"))
    owner_name: str = Field(validation_alias=AliasPath("owner", "name"))
    customer_name: str = Field(validation_alias=AliasPath("customer", "name"))
    customer_phone: str = Field(validation_alias=AliasPath("customer", "phone"))
    kind: str
    topic: str
    made_at: AwareDatetime
    first_due_at: AwareDatetime
    due_at: AwareDatetime
    due_version: int
    next_step_at: AwareDatetime | None
    escalated_at: AwareDatetime | None
    chance: float | None = Field(description="That it is done by due_at, 0 to 1.")
    at_risk_at: AwareDatetime | None
    reopened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    outcome: Outcome | None
    verdict: Verdict | None
    reference: str | None
    duplicate_of_id: int | None
    external_ref: str | None

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties; pydantic documents it so
    @property
    def state(self) -> Literal["open", "closed"]:
        """Is it still to be kept?"""
        return "open" if self.closed_at is None else "closed"


class AttemptShown(Shown):
    """A try to reach the customer."""

    at: AwareDatetime
    by: str
    disposition: Disposition
    note: str | None
    undone_at: AwareDatetime | None


class RevisionShown(Shown):
    """An open change of the due time. `told_at` is null while the customer does not know."""

    due_version: int
    was_due_at: AwareDatetime
    due_at: AwareDatetime
    reason: str
    by: str | None
    made_at: AwareDatetime
    told_at: AwareDatetime | None


class MessageShown(Shown):
    """A text about it. The words are chosen when it leaves; until then `body` is null."""

    id: int
    direction: Direction
    recipient: str | None
    kind: str
    status: MessageStatus
    reason: str | None
    body: str | None
    made_at: AwareDatetime
    sent_at: AwareDatetime | None


class EventShown(Shown):
    """One line of its history. `by` is null for what happened by itself."""

    at: AwareDatetime
    kind: EventKind
    by: str | None
    due_version: int
    step: int | None
    facts: dict[str, Any] | None


class CommitmentInFull(CommitmentShown):
    """A promise and all that became of it, each list in order of time."""

    attempts: list[AttemptShown] = Field(default_factory=list)
    revisions: list[RevisionShown] = Field(default_factory=list)
    messages: list[MessageShown] = Field(default_factory=list)
    events: list[EventShown] = Field(default_factory=list)


class Page(Shown):
    """Some of the promises: open ones by due time, closed ones the latest first."""

    commitments: list[CommitmentShown]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class AdviceShown(Shown):
    """How likely a promise would be kept, as `tracker advise` says it."""

    kept: float | None
    earliest: dict[str, AwareDatetime | None] = Field(
        description="For 50, 80, 90 and 95 per cent the earliest time kept with that chance."
    )
    why: str


class Problem(Shown):
    """What was wrong, in a sentence that says how to mend it."""

    error: str
    field: str = Field("", description="Which field has to be mended, where it is one.")
    better: AwareDatetime | None = Field(None, description="A time that suits everybody.")
    confirmable: bool | None = Field(None, description="May it be promised all the same, with `confirmed`?")
    choices: list[str] | None = Field(None, description="What `due` may have meant: send one of these.")
    commitment: CommitmentInFull | None = Field(None, description="As it is now: somebody was faster.")
