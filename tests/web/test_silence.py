"""When every worker is silent, each page says so, and so does the address that monitors ask."""

from dataclasses import replace

from flask import Flask

from tests.cast import Cast
from tests.operations.office import Office
from tests.visitor import Visitor, pages_over, words
from tracker import heartbeat
from tracker.delivery import senders
from tracker.wiring import House


def test_pages_and_monitors_are_told_when_no_worker_is_running(app: Flask, cast: Cast, ana: Visitor) -> None:
    number = cast.promised()
    heartbeat.beat(cast.sessions, "the only one", now=cast.clock.now)
    assert "no worker is running" not in words(ana.get("/"))
    assert app.test_client().get("/healthz").status_code == 200
    cast.clock.forward(2)
    for page in ("/", "/new", f"/commitments/{number}"):
        assert "have stood still since 14:00: no worker is running" in words(ana.get(page))
    told = app.test_client().get("/healthz")
    assert told.status_code == 503
    assert "start tracker worker" in told.text
    assert app.test_client().get("/readyz").status_code == 200, "pages can be served all the same"
    heartbeat.beat(cast.sessions, "the only one", now=cast.clock.now)
    assert "no worker is running" not in words(ana.get("/"))


def test_a_monitor_is_told_when_workers_beat_but_nothing_gets_done(app: Flask, cast: Cast) -> None:
    cast.promised()
    cast.tick()
    asking = app.test_client()
    cast.clock.forward(45)
    heartbeat.beat(cast.sessions, "it beats, and that is all", now=cast.clock.forward(14))
    assert asking.get("/healthz").text == "ok\n", "the first step is 14 minutes late"
    heartbeat.beat(cast.sessions, "it beats, and that is all", now=cast.clock.forward(1))
    told = asking.get("/healthz")
    assert told.status_code == 503
    assert told.text == (
        "steps have not been climbed since 2026-11-19T14:45:00+00:00: "
        "look at the log of tracker worker, and run tracker audit\n"
    )
    cast.tick()
    assert asking.get("/healthz").text == "ok\n"


def test_a_monitor_is_told_when_steps_are_climbed_but_no_text_leaves(app: Flask, cast: Cast) -> None:
    cast.promised()
    asking = app.test_client()
    heartbeat.beat(cast.sessions, "it cannot send", now=cast.clock.forward(14))
    assert asking.get("/healthz").text == "ok\n"
    heartbeat.beat(cast.sessions, "it cannot send", now=cast.clock.forward(1))
    told = asking.get("/healthz")
    assert (told.status_code, told.text.split(":")[0]) == (
        503,
        "texts have waited to leave since 2026-11-19T14",
    )
    with cast.sessions.begin() as session:
        senders.lock(session, ["+15005550006"])
        senders.pause(session, 20003, now=cast.clock.now)
    assert asking.get("/healthz").text == "ok\n", "they wait for the account, and pages say so"


def test_a_sender_with_more_to_send_than_it_may_is_no_reason_to_restart_anything(
    house: House, cast: Cast
) -> None:
    asking = pages_over(replace(house, channels={"sms": cast.wire})).test_client()
    cast.wire.per_minute = 1
    with Office.open(cast) as office:
        office.promised_to(20)
    for _ in range(14):
        cast.tick(1)
    heartbeat.beat(cast.sessions, "as fast as it may", now=cast.clock.now)
    assert asking.get("/healthz").text == "ok\n"
    cast.tick(1)
    told = asking.get("/healthz")
    assert told.status_code == 200
    assert "behind others of their sender: give it more a minute" in told.text
    heartbeat.beat(cast.sessions, "it sends no more", now=cast.clock.forward(6))
    assert asking.get("/healthz").status_code == 503, "and now nothing leaves"
