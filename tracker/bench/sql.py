"""The statements of a climb by hand, for either database."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.policy.ladder import DEFAULT, Effect, Ladder
from tracker.policy.wording import TextKind

LADDER = Ladder.of(DEFAULT)
REASON = "still open, too late"


@dataclass(frozen=True, slots=True)
class Sql:
    """`claim` answers with id, team, owner, effect and next step of the rows it takes; on PostgreSQL it has then
    written them too, on SQLite `write` does. `here`: supervisor or not, load, id of the people present."""

    claim: str
    write: Sequence[str]
    here: str
    hand_over: Sequence[str]


def _rungs() -> str:
    """The ladder as rows: number, effect, text, priority; the seconds from the due time to the next rung, and until
    its text is stale."""
    rows = []
    for rung in LADDER.rungs:
        ahead = int(LADDER.rung(rung.number + 1).offset.total_seconds())
        if rung.step.endless:
            stale = str(ahead)
        else:
            stale = "null" if rung.lasts is None else str(int((rung.offset + rung.lasts).total_seconds()))
        match rung.step.effect:
            case Effect.REMIND_OWNER if rung.number == 0:
                kind, priority = TextKind.REMINDER, 4
            case Effect.REMIND_OWNER:
                kind, priority = TextKind.DUE, 3
            case Effect.TELL_SUPERVISORS if rung.step.endless:
                kind, priority = TextKind.STILL_OPEN, 7
            case Effect.TELL_SUPERVISORS:
                kind, priority = TextKind.ESCALATION, 5
            case Effect.TEXT_CUSTOMER:
                kind, priority = TextKind.APOLOGY, 1
            case Effect.HAND_OVER:
                kind, priority = TextKind.YOURS_NOW, 3
        rows.append(f"({rung.number}, '{rung.step.effect}', '{kind}', {priority}, {ahead}, {stale})")
    return "rung (number, effect, kind, priority, ahead, stale) as (values " + ", ".join(rows) + ")"


TEXTS = (
    "insert into message (commitment_id, direction, channel, recipient, customer_id, person_id, kind, "
    "due_version, step, status, priority, made_at, send_after, expires_at, tries, asked) "
)
TO_PERSON = "'person:' || p.id"
REACHED = "p.active and p.phone is not null"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database spells what the statements share."""

    now: str
    object: str
    no_id: str
    no_time: str
    locked: str
    team: str
    given: str
    seconds_after_due: str

    def later(self, seconds: str) -> str:
        """The moment so many seconds after the due time."""
        return self.seconds_after_due.format(seconds)

    def here(self, alias: str) -> str:
        """Is the person not absent?"""
        return (
            f"not exists (select 1 from absence a where a.person_id = {alias}.id and a.starts_at <= {self.now} "
            f"and (a.ends_at is null or a.ends_at > {self.now}))"
        )

    def text(self, recipient: str, customer: str, person: str, source: str) -> str:
        """One text for each row of `taken` and `source`."""
        return (
            f"select t.id, 'out', 'sms', {recipient}, {customer}, {person}, t.kind, t.due_version, t.number, "
            f"'pending', t.priority, {self.now}, {self.now}, t.stale, 0, 0 from taken t {source}"
        )


def _due(at: Dialect) -> str:
    return (
        "due as (select id, team_id, customer_id, owner_id, due_version, next_step, due_at from commitment "
        f"where next_step_at <= {at.now} order by next_step_at limit 500{at.locked})"
    )


DUE_BY_ID = (
    "due as (select c.id, team_id, customer_id, owner_id, due_version, next_step, due_at "
    "from json_each(:ids) as given join commitment c on c.id = given.value)"
)


def _taken(at: Dialect) -> str:
    return (
        "taken as (select id, team_id, customer_id, owner_id, due_version, number, effect, "
        f"kind, priority, {at.later('ahead')} as ahead, {at.later('stale')} as stale "
        "from due join rung on number = next_step)"
    )


def _events(at: Dialect) -> str:
    return (
        "insert into event (commitment_id, at, kind, due_version, step, facts) "
        f"select id, {at.now}, 'climbed', due_version, number, {at.object}('effect', effect) from taken"
    )


def _texts(at: Dialect) -> str:
    anybody = (
        "exists (select 1 from person h where h.team_id = t.team_id and h.role = 'supervisor' and h.active "
        f"and {at.here('h')})"
    )
    owner = f"join person p on p.id = t.owner_id where effect = 'remind owner' and {REACHED}"
    supervisors = (
        "join person p on p.team_id = t.team_id and p.role = 'supervisor' "
        f"where effect = 'tell supervisors' and {REACHED} and ({at.here('p')} or not {anybody})"
    )
    return TEXTS + " union all ".join(
        [
            at.text("'customer'", "t.customer_id", at.no_id, "where effect = 'text customer'"),
            at.text(TO_PERSON, at.no_id, "p.id", owner),
            at.text(TO_PERSON, at.no_id, "p.id", supervisors),
        ]
    )


def _advance(at: Dialect) -> str:
    return (
        "update commitment as c set next_step = t.number + 1, next_step_at = t.ahead, escalated_at = case "
        f"when t.effect = 'tell supervisors' then coalesce(c.escalated_at, {at.now}) else c.escalated_at end "
        "from taken t where c.id = t.id"
    )


def _crew(at: Dialect) -> str:
    return (
        "select p.role = 'supervisor', (select count(*) from commitment c where c.owner_id = p.id and "
        f"c.closed_at is null), p.id from person p where p.team_id = {at.team} and "
        f"p.role <> 'admin' and p.active and {at.here('p')}"
    )


def _hand_over(at: Dialect) -> list[str]:
    rung = next(r for r in LADDER.rungs if r.step.effect is Effect.HAND_OVER)
    moved = (
        f"with {at.given} insert into event (commitment_id, at, kind, due_version, facts) "
        f"select c.id, {at.now}, 'reassigned', c.due_version, "
        f"{at.object}('from', w.name, 'from_id', w.id, 'to', p.name, 'reason', '{REASON}') from given "
        "join commitment c on c.id = given.id join person w on w.id = c.owner_id "
        "join person p on p.id = given.owner_id"
    )
    own = (
        f"with {at.given} update commitment as c set owner_id = given.owner_id, version = version + 1 "
        "from given where c.id = given.id"
    )
    yours = (
        f"with {at.given}, taken as (select c.id, 'yours_now' as kind, c.due_version, "
        f"{rung.number} as number, 3 as priority, {at.no_time} as stale, given.owner_id from given "
        f"join commitment c on c.id = given.id) {TEXTS}"
        + at.text(TO_PERSON, at.no_id, "p.id", f"join person p on p.id = t.owner_id where {REACHED}")
    )
    return [moved, own, yours]


def _lite() -> Sql:
    at = Dialect(
        now=":now",
        object="json_object",
        no_id="null",
        no_time="null",
        locked="",
        team=":team",
        given="given (id, owner_id) as (select value ->> 0, value ->> 1 from json_each(:moves))",
        seconds_after_due="strftime('%Y-%m-%d %H:%M:%f000', due_at, ({}) || ' seconds')",
    )
    claim = (
        f"with {_rungs()}, {_due(at)}, {_taken(at)} select id, team_id, owner_id, effect, ahead from taken"
    )
    taking = f"with {_rungs()}, {DUE_BY_ID}, {_taken(at)}"
    write = [f"{taking} {part}" for part in (_events(at), _texts(at), _advance(at))]
    return Sql(claim, write, _crew(at), _hand_over(at))


def _postgres() -> Sql:
    at = Dialect(
        now="%(now)s",
        object="json_build_object",
        no_id="null::bigint",
        no_time="null::timestamptz",
        locked=" for no key update skip locked",
        team="%(team)s",
        given="given (id, owner_id) as (select * from unnest(%(ids)s::bigint[], %(to)s::bigint[]))",
        seconds_after_due="due_at + ({}) * interval '1 second'",
    )
    claim_and_write = (
        f"with {_rungs()}, {_due(at)}, {_taken(at)}, climbed as ({_events(at)}), texted as ({_texts(at)}) "
        f"{_advance(at)} returning t.id, t.team_id, t.owner_id, t.effect, t.ahead"
    )
    return Sql(claim_and_write, [], _crew(at), _hand_over(at))


POSTGRES, LITE = _postgres(), _lite()
