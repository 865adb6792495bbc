"""May we text this person, and may we now?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.consent import DEFAULT_QUIET, QuietHours, Word, keyword, quiet_until, sounds_like_stop

ZONES = [
    "UTC",
    "America/New_York",
    "America/Havana",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]


# Keywords


STOP_WORDS = "STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|OPTOUT|REVOKE|stop|Stop|sToP| Stop |\tSTOP\n"


@pytest.mark.parametrize("body", STOP_WORDS.split("|"))
def test_24_a_body_that_is_nothing_but_a_stop_word_opts_out(body: str) -> None:
    assert keyword(body) is Word.STOP


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("START", Word.START),
        ("yes", Word.START),
        ("Unstop", Word.START),
        ("HELP", Word.HELP),
        (" info ", Word.HELP),
    ],
)
def test_words_that_opt_in_or_ask_for_help(body: str, word: Word) -> None:
    assert keyword(body) is word


@pytest.mark.parametrize(
    "body", ["stop please", "STOP.", "stop all", "S T O P", "yes please", "help me", "", "   ", "Stopp", "ja"]
)
def test_24_anything_beside_the_word_is_no_keyword(body: str) -> None:
    assert keyword(body) is None


STOPS = """
stop please, I get too many of these | STOP texting!! | enough texts, stop | plz stop msging me | stop it
arrêtez tout de suite | stop messages | svp ne m'écrivez plus | no quiero más mensajes | por favor basta
dejen de escribirme | hört auf mir zu schreiben | bitte stopp | keine weiteren Nachrichten bitte
stpo | sotp please | st0p | S T O P | s.t.o.p | stopp texting me | stop texing me | stop txtin me | no more txts ty
unsuscribe | unsubscibe me | unsub pls | Who is this? stop. | wrong number, don't text again | quit it | end this
optout please | opting out | please remove this number | Para ya | bórrenme | dar de baja | no molestar | arettez
Nehmen Sie mich aus der Liste | Stopt das | stop s'il vous plaît | stop por favor | hört auf mir zu schreiben
please stop stop stop | ok basta basta
Stop with the texts | no more of these messages | this is spam, stop | veuillez arrêter | stop aux SMS
merci de ne plus m'envoyer de SMS | no me llamen ni me escriban más | keine SMS schicken | unterlassen Sie das
stop please | Please stop! | STOP. | stop!!! | pls stop | Can you please stop? | ok stop it now
Stop, stop, stop | stop texting me | Please stop sending me messages | stop these texts | stop all messages
STOP sending me stuff | I said STOP | Text me no more. STOP | STOP THIS HARASSMENT | Stop - who is this?
quit texting me | no more texts | No more messages please | don't text me | Don’t text me again
do not contact me | dont send me any more texts | I don't want these messages
I do not want to receive any more texts | unsubscribe me | opt out | please opt me out | leave me alone
Leave me alone!!! | remove my number | remove me | take me off your list | lose my number
cancel these texts | arrêtez | Arretez svp | Arrêtez de m'envoyer des SMS | arrêtez ces messages | ça suffit
Stop svp | STOP SVP | Je ne veux plus recevoir de messages | ne m'écrivez plus | ne m’envoyez plus de SMS
plus de SMS svp | plus de sms | désabonnement | je veux me désabonner | laissez-moi tranquille
supprimez mon numéro | basta | ¡Basta ya! | No más mensajes | no me envíen más mensajes | no me escriban más
deje de escribirme | dejen de mandarme mensajes | no quiero recibir más SMS | denme de baja | déjenme en paz
Pare por favor | borre mi número | quiero darme de baja | alto | no me moleste | bitte keine SMS mehr
Keine Nachrichten mehr! | Stopp | stopp bitte | Bitte aufhören | Hören Sie auf
Hören Sie bitte auf mir zu schreiben | Ich möchte keine SMS mehr bekommen | ich will keine Nachrichten
schreiben Sie mir nicht mehr | Lassen Sie mich in Ruhe | abmelden | bitte abmelden
Löschen Sie meine Nummer | Schluss damit | stoppen Sie diese SMS | nicht mehr schreiben
"""

NOT_STOPS = """
Which tram? The next stop. | ¿Para qué? | para mañana está bien | take me off the waiting list for Friday
I'd cancel the appointment but can't | the end of the week works | no more questions from me | don't text, call me
ça suffit pour aujourd'hui, merci | Schluss um 5, dann bin ich da | hört sich gut an | sit on the stoop and wait
stop by tomorrow? | don't stop, great service | Stop by any time after five | the leak will not stop
can you stop by the shop? | we never stop here | bus stop on the corner | I did not stop the payment
ne vous arrêtez pas | l'arrêt de bus est devant | no pare, va muy bien | die Haltestelle ist um die Ecke
I am at the bus STOP now | please don't STOP now | do not STOP now, go on
please stop the payment | stop the delivery please | the noise does not stop | I need to end the call
I have had enough of waiting | Don't contact my husband, call me | necesito parar el pago | plus de lumière
bitte stoppen Sie die Zahlung | keine Nachricht von Ihnen | no me ha llamado nadie
don't stop | Don’t stop | please don't stop texting me | never stop calling | the bus stop
I'm at the bus stop | I am at the bus stop, text me | I can't stop by | I cannot stop by today
I'll stop by tomorrow | Can you stop by at 5? | stop by anytime | it won't stop leaking
non-stop noise since Monday | the lift stopped | stopover in Paris | ok thanks | yes | 1 | no | thank you!
call me at 3 | I got no more messages from you | I have received no more texts since Friday
no more heating since Monday | the payment ended | please cancel my order | remove the old boiler | help
my number has changed | leave it with the neighbours | I don't want a refund | n'arrêtez pas
le bus s'arrête devant chez moi | le chauffage s'arrête tout le temps | merci beaucoup
je n'ai plus de chauffage | je ne reçois plus de messages | oui | il n'y a plus de gaz | no deje de llamarme
la parada del autobús | con eso basta para mí, gracias | gracias | quiero dar de baja mi contrato
no me envíen la factura por correo | deje el paquete en la puerta | la caldera no para | más tarde
Ich bin an der Haltestelle | ich bekomme keine SMS mehr | seit Montag kommen keine Nachrichten mehr | danke
hört nicht auf zu tropfen | Es hört nicht auf | bitte rufen Sie mich in Ruhe an
die Heizung geht nicht mehr | ja bitte
"""


def _phrases(block: str) -> list[str]:
    return [phrase.strip() for line in block.strip().splitlines() for phrase in line.split(" | ")]


@pytest.mark.parametrize("body", _phrases(STOPS))
def test_24_a_wording_that_people_understand_as_stop_is_flagged(body: str) -> None:
    assert sounds_like_stop(body)


@pytest.mark.parametrize("body", _phrases(NOT_STOPS))
def test_other_uses_of_these_words_are_not_flagged(body: str) -> None:
    assert not sounds_like_stop(body)


@pytest.mark.parametrize("body", ["STOP", "cancel", " end "])
def test_the_keywords_themselves_sound_like_stop(body: str) -> None:
    assert sounds_like_stop(body)


@given(st.text(max_size=200))
def test_any_body_can_be_read(body: str) -> None:
    assert sounds_like_stop(body) in (True, False)
    assert keyword(body) in (None, *Word)


# Quiet hours


def at(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-19T20:59:59", None),
        ("2026-11-19T21:00", "2026-11-20T08:00"),
        ("2026-11-19T23:59:59", "2026-11-20T08:00"),
        ("2026-11-20T00:00", "2026-11-20T08:00"),
        ("2026-11-20T07:59:59.999999", "2026-11-20T08:00"),
        ("2026-11-20T08:00", None),
        ("2026-12-31T22:00", "2027-01-01T08:00"),
    ],
)
def test_a_text_at_night_waits_for_the_morning(now: str, until: str | None) -> None:
    expected = at(until, "Europe/Madrid") if until else None
    assert quiet_until(at(now, "Europe/Madrid"), "Europe/Madrid", DEFAULT_QUIET) == expected


def test_hours_within_one_day_are_quiet_only_then() -> None:
    siesta = QuietHours(time(14), time(16, 30))
    assert quiet_until(at("2026-11-19T13:59", "UTC"), "UTC", siesta) is None
    assert quiet_until(at("2026-11-19T14:00", "UTC"), "UTC", siesta) == at("2026-11-19T16:30", "UTC")
    assert quiet_until(at("2026-11-19T23:00", "UTC"), "UTC", siesta) is None


def test_equal_ends_mean_no_quiet_hours() -> None:
    assert quiet_until(at("2026-11-19T03:00", "UTC"), "UTC", QuietHours(time(3), time(3))) is None


def test_the_customer_s_zone_decides_and_the_answer_is_in_utc() -> None:
    now = datetime(2026, 11, 19, 3, 30, tzinfo=UTC)
    assert quiet_until(now, "Asia/Tokyo", DEFAULT_QUIET) is None
    until = quiet_until(now, "America/New_York", DEFAULT_QUIET)
    assert until == datetime(2026, 11, 19, 13, tzinfo=UTC)
    assert until is not None
    assert until.tzinfo is UTC


@pytest.mark.parametrize(
    ("evening", "hours_of_silence"),
    [("2026-03-28T21:00", 10), ("2026-10-24T21:00", 12), ("2026-06-01T21:00", 11)],
)
def test_the_nights_when_the_clocks_change_are_shorter_and_longer(
    evening: str, hours_of_silence: int
) -> None:
    now = at(evening, "Europe/Berlin")
    assert quiet_until(now, "Europe/Berlin", DEFAULT_QUIET) == now + timedelta(hours=hours_of_silence)


def test_an_end_that_the_clock_skips_comes_at_the_jump() -> None:
    hours = QuietHours(time(22), time(2, 30))
    now = at("2026-03-29T01:00", "Europe/Berlin")
    assert quiet_until(now, "Europe/Berlin", hours) == at("2026-03-29T03:00", "Europe/Berlin")


def test_an_end_that_the_clock_shows_twice_comes_at_its_next_showing() -> None:
    hours = QuietHours(time(22), time(2, 30))
    first, second = (at("2026-10-25T02:30", "Europe/Berlin", fold) for fold in (0, 1))
    assert quiet_until(at("2026-10-25T02:10", "Europe/Berlin"), "Europe/Berlin", hours) == first
    assert quiet_until(at("2026-10-25T02:10:40", "Europe/Berlin", fold=1), "Europe/Berlin", hours) == second
    assert quiet_until(at("2026-10-25T02:40", "Europe/Berlin"), "Europe/Berlin", hours) is None


def test_a_day_that_a_zone_left_out_is_no_trouble() -> None:
    now = at("2011-12-29T22:00", "Pacific/Apia")
    assert quiet_until(now, "Pacific/Apia", DEFAULT_QUIET) == at("2011-12-31T08:00", "Pacific/Apia")


INSTANTS = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


@given(
    INSTANTS,
    st.sampled_from(ZONES),
    st.builds(QuietHours, MINUTES, MINUTES),
)
def test_the_moment_found_is_never_quiet_nor_earlier(now: datetime, zone: str, hours: QuietHours) -> None:
    until = quiet_until(now, zone, hours)
    allowed = now if until is None else until
    assert allowed >= now
    assert hours.start == hours.end or not _inside(hours, allowed.astimezone(ZoneInfo(zone)).time())
    assert quiet_until(allowed, zone, hours) is None


@given(
    st.sampled_from(["2026-03-29T00:00", "2026-10-25T00:00"]),
    st.integers(0, 6 * 60),
    st.builds(QuietHours, MINUTES, MINUTES),
)
def test_near_a_change_of_clocks_it_is_the_first_moment_after_the_end(
    night: str, minutes: int, hours: QuietHours
) -> None:
    now = at(night, "Europe/Berlin") + timedelta(minutes=minutes)
    until = quiet_until(now, "Europe/Berlin", hours)
    if until is not None:
        before = (until - timedelta(minutes=1)).astimezone(ZoneInfo("Europe/Berlin"))
        assert _inside(hours, before.time()), "a minute earlier was quiet still"


def _inside(hours: QuietHours, clock: time) -> bool:
    minute, start, end = (value.hour * 60 + value.minute for value in (clock, hours.start, hours.end))
    return (minute - start) % 1440 < (end - start) % 1440
