"""A team's own templates: which are accepted, and what is said of the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tracker.policy.segments import plain
from tracker.policy.texts import LANGUAGES
from tracker.policy.wording import CUSTOMER_KINDS, PLACEHOLDERS, Facts, TextKind, check_template, render

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
FACTS = Facts(
    given_name="Maria",
    customer_name="Maria Lopez",
    customer_phone="+14155550123",
    topic="bill charged twice",
    commitment_kind="callback",
    owner_given_name="Sam",
    team="Acme",
    due_at=NOW.replace(hour=15),
    first_due_at=NOW.replace(hour=15),
    zone="UTC",
    link="https://t.example/c/1",
)
NAMELESS = replace(FACTS, given_name="")

OWN = "Dear {given_name}, {topic}: we promise an answer {by}."


def render_own(template: str, kind: TextKind = TextKind.PROMISED, facts: Facts = FACTS) -> str:
    return render(kind, facts, language="en", now=NOW, templates={kind: template})


def messages(kind: TextKind, template: str) -> list[str]:
    return [problem.message for problem in check_template(kind, template)]


def test_a_team_s_own_template_is_used_for_its_kind_and_no_other() -> None:
    assert render_own(OWN) == "Dear Maria, bill charged twice: we promise an answer by today 15:00."
    other = render(TextKind.APOLOGY, FACTS, language="en", now=NOW, templates={"promised": OWN})
    assert other == render(TextKind.APOLOGY, FACTS, language="en", now=NOW)


@pytest.mark.parametrize("kind", TextKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_templates_pass_and_are_plain(language: str, kind: TextKind) -> None:
    template = LANGUAGES[language].templates[kind]
    assert check_template(kind, template) == []
    assert plain(template) == template


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_words_every_kind_of_text_and_of_commitment(language: str) -> None:
    table = LANGUAGES[language]
    assert set(table.templates) == set(TextKind)
    assert set(table.headings) == set(TextKind) - CUSTOMER_KINDS
    assert set(table.deeds) == {"callback", "refund", "replacement", "answer", "visit", "other"}


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_every_placeholder_is_filled_in(name: str) -> None:
    kind = TextKind.ESCALATION
    shown = render_own("{heading} {customer} <{" + name + "}>", kind)
    value = shown.partition("<")[2].rstrip(">")
    assert value
    assert "{" not in value


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("Hi, {topic} {by}", "Greet the customer by name: put in {given_name}."),
        ("Hi {given_name}, {by}", "Say what it is about: put in {topic}."),
        ("Hi {given_name}, {topic}", "Name the time: put in {will}, {by} or {due}."),
    ],
)
@pytest.mark.parametrize("kind", sorted(CUSTOMER_KINDS - {TextKind.KEPT_IT}))
def test_a_customer_s_text_needs_name_topic_and_time(kind: TextKind, template: str, message: str) -> None:
    assert messages(kind, template) == [message]


def test_the_question_whether_it_was_kept_needs_no_time() -> None:
    assert check_template(TextKind.KEPT_IT, "Hi {given_name}, {topic}: kept? 1 or 2") == []
    assert messages(TextKind.KEPT_IT, "Hi {given_name}, kept? 1 or 2") == [
        "Say what it is about: put in {topic}."
    ]


@pytest.mark.parametrize("time", ["{will}", "{by}", "{due}"])
def test_any_form_of_the_time_will_do(time: str) -> None:
    assert check_template(TextKind.PROMISED, "Hi {given_name}, {topic} " + time) == []


def test_a_staff_text_needs_to_say_why_and_about_whom() -> None:
    assert messages(TextKind.DUE, "Do it!") == [
        "Say why it is sent, and for how many promises: put in {heading}.",
        "Say whom it is about: put in {customer}.",
    ]


def test_an_unknown_placeholder_is_named_with_the_likely_one() -> None:
    [problem] = check_template(TextKind.PROMISED, OWN + " {given_nmae}")
    assert problem.part == "{given_nmae}"
    assert problem.message == "{given_nmae} cannot be filled in here. Did you mean {given_name}?"


def test_an_unknown_placeholder_like_no_other_is_answered_with_the_list() -> None:
    [problem] = check_template(TextKind.PROMISED, OWN + " {xyzzy} {xyzzy}")
    assert problem.message.startswith("{xyzzy} cannot be filled in here. Use one of given_name, topic, ")


@pytest.mark.parametrize("name", ["heading", "phone"])
def test_what_is_meant_for_staff_is_refused_in_a_customer_s_text(name: str) -> None:
    assert [problem.part for problem in check_template(TextKind.APOLOGY, OWN + " {" + name + "}")] == [
        f"{{{name}}}"
    ]


@pytest.mark.parametrize(
    "stray", ["{", "}", "{}", "{ topic }", "{topic", "topic}", "{{topic}}", "{Topic}", "{topic!r}", "{0}"]
)
def test_a_brace_left_open_or_over_is_shown(stray: str) -> None:
    [problem] = check_template(TextKind.PROMISED, OWN + " " + stray)
    assert "A brace is left open or over." in problem.message
    assert problem.part[0] in "{}"


def test_every_problem_is_told_at_once() -> None:
    assert len(check_template(TextKind.PROMISED, "{nobody} {")) == 5


@pytest.mark.parametrize("faulty", ["", "{given_name} {topic}", OWN + "{", OWN + "{password}"])
def test_a_template_with_a_problem_is_never_sent_ours_is(faulty: str) -> None:
    assert render_own(faulty) == render(TextKind.PROMISED, FACTS, language="en", now=NOW)


def test_an_own_template_is_sent_as_one_plain_line() -> None:
    assert render_own("“{topic}”\n\n– {given_name}…\t{by}\x00") == (
        '"bill charged twice" - Maria... by today 15:00'
    )


@pytest.mark.parametrize(
    ("template", "start"),
    [
        ("Hi {given_name}, about {topic} {by}", "Hi, about"),
        ("Hi {given_name}! About {topic} {by}", "Hi! About"),
        ("Acme: {given_name}, about {topic} {by}", "Acme: about"),
        ("{given_name}, about {topic} {by}", "about"),
        ("About {topic} {by}, dear {given_name}.", "About bill charged twice by today 15:00, dear."),
    ],
)
def test_an_own_template_reads_well_without_a_name(template: str, start: str) -> None:
    assert render_own(template, facts=NAMELESS).startswith(start)


def test_without_a_link_nothing_is_left_of_its_place() -> None:
    assert render_own(OWN + " {link}").endswith("15:00. https://t.example/c/1")
    assert render_own(OWN + " {link}", facts=replace(FACTS, link="")).endswith("15:00.")
