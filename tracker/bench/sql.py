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


def _statements(*, lite: bool) -> Sql:
    now = ":now" if lite else "%(now)s"

    def later(seconds: str) -> str:
        if lite:
            return f"strftime('%Y-%m-%d %H:%M:%f000', due_at, ({seconds}) || ' seconds')"
        return f"due_at + ({seconds}) * interval '1 second'"

    claimed = (
        "due as (select id, team_id, customer_id, owner_id, due_version, next_step, due_at from commitment "
        f"where next_step_at <= {now} order by next_step_at limit 500"
        f"{'' if lite else ' for no key update skip locked'})"
    )
    given_ids = (
        "due as (select c.id, team_id, customer_id, owner_id, due_version, next_step, due_at "
        "from json_each(:ids) as given join commitment c on c.id = given.value)"
    )
    taken = (
        "taken as (select id, team_id, customer_id, owner_id, due_version, number, effect, "
        f"kind, priority, {later('ahead')} as ahead, {later('stale')} as stale "
        "from due join rung on number = next_step)"
    )
    answering = f"with {_rungs()}, {claimed}, {taken}"
    taking = f"with {_rungs()}, {given_ids}, {taken}" if lite else answering
    facts = "json_object('effect', effect)" if lite else "json_build_object('effect', effect)"
    event = (
        "insert into event (commitment_id, at, kind, due_version, step, facts) "
        f"select id, {now}, 'climbed', due_version, number, {facts} from taken"
    )
    columns = (
        "insert into message (commitment_id, direction, channel, recipient, customer_id, person_id, kind, "
        "due_version, step, status, priority, made_at, send_after, expires_at, tries, asked) "
    )

    def text(recipient: str, customer: str, person: str, source: str) -> str:
        return (
            f"select t.id, 'out', 'sms', {recipient}, {customer}, {person}, t.kind, t.due_version, t.number, "
            f"'pending', t.priority, {now}, {now}, t.stale, 0, 0 from taken t {source}"
        )

    null = "null" if lite else "null::bigint"
    reached = "p.active and p.phone is not null"

    def here(alias: str) -> str:
        return (
            f"not exists (select 1 from absence a where a.person_id = {alias}.id and a.starts_at <= {now} "
            f"and (a.ends_at is null or a.ends_at > {now}))"
        )

    anybody = (
        "exists (select 1 from person h where h.team_id = t.team_id and h.role = 'supervisor' and h.active "
        f"and {here('h')})"
    )
    to_person = "'person:' || p.id"
    messages = columns + " union all ".join(
        [
            text("'customer'", "t.customer_id", null, "where effect = 'text customer'"),
            text(
                to_person,
                null,
                "p.id",
                f"join person p on p.id = t.owner_id where effect = 'remind owner' and {reached}",
            ),
            text(
                to_person,
                null,
                "p.id",
                "join person p on p.team_id = t.team_id and p.role = 'supervisor' "
                f"where effect = 'tell supervisors' and {reached} and ({here('p')} or not {anybody})",
            ),
        ]
    )
    advance = (
        "update commitment as c set next_step = t.number + 1, next_step_at = t.ahead, escalated_at = case "
        f"when t.effect = 'tell supervisors' then coalesce(c.escalated_at, {now}) else c.escalated_at end "
        "from taken t where c.id = t.id"
    )
    given = "given (id, owner_id) as (select value ->> 0, value ->> 1 from json_each(:moves))"
    if not lite:
        given = "given (id, owner_id) as (select * from unnest(%(ids)s::bigint[], %(to)s::bigint[]))"
    object_ = "json_object" if lite else "json_build_object"
    crew = (
        "select p.role = 'supervisor', (select count(*) from commitment c where c.owner_id = p.id and "
        f"c.closed_at is null), p.id from person p where p.team_id = {':team' if lite else '%(team)s'} and "
        f"p.role <> 'admin' and p.active and {here('p')}"
    )
    moved = (
        f"with {given} insert into event (commitment_id, at, kind, due_version, facts) select c.id, {now}, "
        f"'reassigned', c.due_version, {object_}('from', w.name, 'to', p.name, 'reason', '{REASON}') from given "
        "join commitment c on c.id = given.id join person w on w.id = c.owner_id "
        "join person p on p.id = given.owner_id"
    )
    own = (
        f"with {given} update commitment as c set owner_id = given.owner_id, version = version + 1 "
        "from given where c.id = given.id"
    )
    hand_over_rung = next(r for r in LADDER.rungs if r.step.effect is Effect.HAND_OVER)
    yours = (
        f"with {given}, taken as (select c.id, 'yours_now' as kind, c.due_version, "
        f"{hand_over_rung.number} as number, 3 as priority, "
        f"{'null' if lite else 'null::timestamptz'} as stale, given.owner_id from given "
        f"join commitment c on c.id = given.id) {columns}"
        + text(to_person, null, "p.id", f"join person p on p.id = t.owner_id where {reached}")
    )
    if lite:
        return Sql(f"{answering} select id, team_id, owner_id, effect, ahead from taken", [
            f"{taking} {event}", f"{taking} {messages}", f"{taking} {advance}",
        ], crew, [moved, own, yours])  # fmt: skip
    one = (
        f"{taking}, climbed as ({event}), texted as ({messages}) {advance} "
        "returning t.id, t.team_id, t.owner_id, t.effect, t.ahead"
    )
    return Sql(one, [], crew, [moved, own, yours])


POSTGRES = _statements(lite=False)
LITE = _statements(lite=True)
