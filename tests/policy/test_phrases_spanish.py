"""What does a Spanish speaker mean by these words?"""

import pytest

from tests.policy.test_phrases_collection import Asked, At, Expected, No, Scene, check, lines

MADRID = Scene("2026-11-18 11:00", "Europe/Madrid", "America/New_York", "es")
MADRID_SPRING = Scene("2027-03-27 15:00", "Europe/Madrid", None, "es")
MEXICO = Scene("2026-12-31 18:00", "America/Mexico_City", None, "es")

SPANISH: dict[Scene, dict[str, Expected]] = {
    MADRID: {
        "en dos horas": At("2026-11-18 13:00"),
        "dentro de 20 minutos": At("2026-11-18 11:20"),
        "en media hora": At("2026-11-18 11:30"),
        "en una hora y media": At("2026-11-18 12:30"),
        "en hora y media": At("2026-11-18 12:30"),
        "en 1,5 horas": At("2026-11-18 12:30"),
        "dentro de un cuarto de hora": At("2026-11-18 11:15"),
        "en tres días": At("2026-11-21 11:00"),
        "dentro de dos semanas": At("2026-12-02 11:00"),
        "en 2 días hábiles a las 10": Asked("2026-11-20 10:00", ("2026-11-20 22:00",)),
        "mañana a las 3 de la tarde": At("2026-11-19 15:00"),
        "MAÑANA A LAS 15:00": At("2026-11-19 15:00"),
        "manana a las 3 pm": At("2026-11-19 15:00"),
        "mañana a las 3 p. m.": At("2026-11-19 15:00"),
        "mañana por la mañana a las 9": At("2026-11-19 09:00"),
        "mañana a las nueve de la mañana": At("2026-11-19 09:00"),
        "mañana a las 8 de la tarde": At("2026-11-19 20:00"),
        "hoy a las 9 de la noche": At("2026-11-18 21:00"),
        "esta noche a las 9": At("2026-11-18 21:00"),
        "esta tarde a las 5": At("2026-11-18 17:00"),
        "pasado mañana a las 10:00": At("2026-11-20 10:00"),
        "el viernes a las 10": Asked("2026-11-20 10:00", ("2026-11-20 22:00",)),
        "el viernes a las diez de la mañana": At("2026-11-20 10:00"),
        "este viernes a las 15:00": At("2026-11-20 15:00"),
        "vie 15:00": At("2026-11-20 15:00"),
        "a las cuatro y media": At("2026-11-18 16:30"),
        "a las cinco menos cuarto": At("2026-11-18 16:45"),
        "a las 4 y cuarto": At("2026-11-18 16:15"),
        "a las tres y veinte": At("2026-11-18 15:20"),
        "cuarto para las cinco": At("2026-11-18 16:45"),
        "a la una": At("2026-11-18 13:00"),
        "a las 15 horas": At("2026-11-18 15:00"),
        "a las 14.30": At("2026-11-18 14:30"),
        "sobre las 4": At("2026-11-18 16:00"),
        "antes de las 4": At("2026-11-18 16:00"),
        "a las 12 del mediodía": At("2026-11-18 12:00"),
        "a medianoche": At("2026-11-19 00:00"),
        "el lunes a primera hora": At("2026-11-23 09:00"),
        "después de comer": At("2026-11-18 13:00"),
        "antes de comer": At("2026-11-18 12:00"),
        "el jueves después de comer": At("2026-11-19 13:00"),
        "al final del día": At("2026-11-18 17:00"),
        "mañana por la tarde": Asked("2026-11-19 17:00", ("2026-11-19 13:00",)),
        "1 de diciembre a las 10:00": At("2026-12-01 10:00"),
        "el 1 de diciembre de 2026 a las 10 de la mañana": At("2026-12-01 10:00"),
        "01/12 10:00": At("2026-12-01 10:00"),
        "el próximo viernes a las 15:00": Asked("2026-11-20 15:00", ("2026-11-27 15:00",)),
        "el viernes que viene a las 15:00": Asked("2026-11-20 15:00", ("2026-11-27 15:00",)),
        "el viernes de la semana que viene a las 15:00": At("2026-11-27 15:00"),
        "mañana a las 15:00 hora de ella": At("2026-11-19 15:00", "America/New_York"),
        "mañana a las 15:00 hora del cliente": At("2026-11-19 15:00", "America/New_York"),
        "mañana a las 15:00 hora de Nueva York": At("2026-11-19 15:00", "America/New_York"),
        "mañana a las 15:00 en Londres": At("2026-11-19 15:00", "Europe/London"),
        "mar 1 dic 10:00": At("2026-12-01 10:00"),
        "a las 10": Asked("2026-11-19 10:00", ("2026-11-18 22:00",)),
        "a primera hora": Asked("2026-11-19 09:00", ()),
        "en quince días a las 10:00": Asked("2026-12-03 10:00", ("2026-12-02 10:00",)),
        "las 12 de la mañana": No("mañana"),
        "mañana": No("qué hora"),
        "el viernes": No("qué hora"),
        "31 de febrero a las 10:00": No("no existe"),
        "ayer a las 3": No("ayer"),
        "el viernes pasado a las 3": No("pasado"),
        "pronto": No("pronto"),
        "luego": No("luego"),
        "12/25 10:00": No("no existe"),
        "tomorrow 3pm": No("tomorrow"),
        "entre las 3 y las 4": No("entre"),
        "a las 3 o a las 4": No("«o»"),
    },
    MADRID_SPRING: {
        "mañana a las 2:30 de la madrugada": No("no existe"),
        "mañana a las 02:30": No("no existe"),
        "mañana a las 3 de la madrugada": At("2027-03-28 03:00"),
    },
    MEXICO: {
        "mañana a las 10:00": At("2027-01-01 10:00"),
        "a las 7 de la noche": At("2026-12-31 19:00"),
        "el 2 de enero al mediodía": At("2027-01-02 12:00"),
        "diez para las siete de la noche": At("2026-12-31 18:50"),
        "mañana a las 15:00 su hora": No("cliente"),
    },
}


@pytest.mark.parametrize(("scene", "phrase", "expected"), lines(SPANISH))
def test_a_spanish_phrase_means_what_a_person_means_by_it(
    scene: Scene, phrase: str, expected: Expected
) -> None:
    check(scene, phrase, expected)
