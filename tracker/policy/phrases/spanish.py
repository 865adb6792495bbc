"""Spanish: the words for times, without accents (`grammar.normal`), and the sentences that answer them."""

from tracker.policy.phrases import figures, places
from tracker.policy.phrases.days import (
    After,
    EndOfMonth,
    EndOfWeek,
    OfMonth,
    OfWeek,
    Shift,
    Unit,
    Weekday,
    Which,
)
from tracker.policy.phrases.grammar import Grammar, Section, Slot, always, numbered, refused
from tracker.policy.phrases.language import EchoWords, Language
from tracker.policy.phrases.pieces import Length, Mark, Part, Place, Reason, Whose
from tracker.policy.phrases.unlisted import unlisted_date

UNITS = numbered("uno|un|una dos tres cuatro cinco seis siete ocho nueve")
NUMBERS = UNITS | numbered(
    "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10
)
NUMBERS |= {"veinte": 20} | numbered(
    "veintiuno|veintiun|veintiuna veintidos veintitres veinticuatro veinticinco", 21
)
NUMBERS |= numbered("veintiseis veintisiete veintiocho veintinueve", 26)
TENS = {
    ten: 10 * n
    for ten, n in numbered("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 3).items()
}
NUMBERS |= TENS | {f"{ten} y {one}": tens + n for ten, tens in TENS.items() for one, n in UNITS.items()}
WEEKDAYS = numbered(
    "lunes|lun martes|mar miercoles|mie jueves|jue viernes|vie sabado|sab|sabdo domingo|dom", 0
)
MONTHS = numbered(
    "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago"
    " septiembre|setiembre|sept|sep octubre|oct noviembre|nov diciembre|dic"
)
HOUR_WORDS = {word: number for word, number in NUMBERS.items() if number < 24 and word not in ("un", "uno")}

MORNING = Part("por la mañana", 60, 719, Mark.OPENING, Mark.LUNCH)
MIDDAY = Part("del mediodía", 720, 959)
AFTERNOON = Part("por la tarde", 720, 1259, Mark.AFTER_LUNCH, Mark.CLOSING)
NIGHT = Part("por la noche", 1110, 1440)
SMALL_HOURS = Part("de la madrugada", 60, 419)

SLOTS = {
    **figures.SLOTS,
    **places.slots("es"),
    "hour": Slot("[1-9]|1[0-9]|2[0-3]", HOUR_WORDS),
    "hour:word": Slot("", HOUR_WORDS),
    "minute": Slot("[1-5]?[0-9]", {word: number for word, number in NUMBERS.items() if number < 60}),
    "minute:word": Slot("", {word: number for word, number in NUMBERS.items() if 10 <= number < 60}),
    "n": Slot("[1-9][0-9]{0,2}", NUMBERS | {"un par de": 2}),
    "day": Slot(
        "(?:0?[1-9]|[12][0-9]|3[01])(?:º|o|ro)?",
        {word: number for word, number in NUMBERS.items() if number < 32} | {"primero": 1},
    ),
    "weekday": Slot("", WEEKDAYS),
    "month": Slot("", MONTHS),
}

AT = "(?:(?:a|para|sobre|hacia|antes de|a eso de|como a) )?"
LATEST = "(?: (?:en punto|como mucho|como muy tarde|a mas tardar))?"
GAP, FIGURE = "(?:(?<=[0-9]) ?| )", "(?:(?<=[0-9])|(?<=[0-9] ))"
MINUTES, HOURS = f"{GAP}(?:minutos?|mins?|{FIGURE}m)", f"{GAP}(?:horas?|hs|{FIGURE}h)"
IN = "(?:(?:en|dentro de|de aqui a)(?: un[oa]s)? )?"
HOUR_SIGN = " ?(?:h|hs|horas)"
NEXT_WEEK = "la (?:semana que viene|proxima semana|semana proxima|semana siguiente)"
CUSTOMER = "(?:de ella|de el|de ellos|de ellas|suya|del cliente|de la clienta)"
WORKING = "(?:habil(?:es)?|laborables?|laborales)"
BEFORE_A_DAY = "(?:para )?(?:(?:antes d|d)?el )?(?:dia )?"
MEAL = "(?: comer| almorzar|l almuerzo| la comida)"

SECTIONS = (
    Section(
        {
            "{hour}": figures.hour(),
            "{hour} ?(?:horas|hs|h)": figures.hour(),
            "{hour} y {minute}": figures.minutes_past,
            "{hour} menos {minute}": figures.minutes_to,
            "{hour} {minute:word}": figures.minutes_past,
            rf"{{hour:01-12}}\.{{minute:00}}(?:{HOUR_SIGN})?": figures.minutes_past,
            rf"{{hour:13}}\.{{minute:00}}(?:{HOUR_SIGN})?": figures.exactly,
        },
        lead=f"{AT}las? ",
        trail="(?: ?{half})?" + LATEST,
    ),
    Section(
        {
            "{hour} y media": figures.hour(plus=30),
            "{hour} y cuarto": figures.hour(plus=15),
            "{hour} menos cuarto": figures.hour(plus=-15),
            "(?:un )?cuarto para las? {hour}": figures.hour(plus=-15),
            # Later in a phrase it may be a date: "viernes diez, para las seis".
            "^{minute:word} para las? {hour}": figures.minutes_to,
        },
        lead=f"{AT}(?:las? )?",
        trail="(?: ?{half})?" + LATEST,
    ),
    Section({"{hour} ?{half}": figures.hour(), "{hour}(?= de la | del medio)": figures.hour()}, lead=AT),
    Section(figures.clocks(suffix=HOUR_SIGN), lead=f"{AT}(?:las? )?", trail=LATEST),
    Section({"{hour:7-23} ?h{minute:00}?": figures.exactly}, lead=f"{AT}(?:las? )?"),
    Section(
        {
            "{n}" + MINUTES: figures.length(1),
            "{n}" + HOURS: figures.length(60),
            "{n}" + HOURS + "(?: y)? {minute}" + MINUTES: figures.length_and_minutes,
            "{n}(?<=[0-9]) ?h ?{minute} ?m?": figures.length_and_minutes,
            "{n}" + HOURS + " y media": figures.length(60, 30),
            "{n}" + HOURS + " y cuarto": figures.length(60, 15),
            "{n}[.,]5" + HOURS: figures.length(60, 30),
            "media hora": always(Length(30)),
            "hora y media": always(Length(90)),
            "hora y cuarto": always(Length(75)),
            "(?:un )?cuarto de hora": always(Length(15)),
            "tres cuartos de hora": always(Length(45)),
        },
        lead=IN,
        trail=LATEST,
    ),
    Section(
        {
            f"{{n}}{GAP}dias?": lambda f: After(f["n"], Unit.DAY),
            # Eight days are a week to many, and fifteen two.
            "(?:8|ocho) dias": always(After(7, Unit.DAY)),
            "(?:15|quince) dias": always(After(14, Unit.DAY)),
            f"{{n}}{GAP}semanas?": lambda f: After(f["n"], Unit.WEEK),
            f"{{n}}{GAP}mes(?:es)?": lambda f: After(f["n"], Unit.MONTH),
            f"{{n}}{GAP}dias? {WORKING}": lambda f: After(f["n"], Unit.WORKING_DAY),
        },
        lead=IN,
    ),
    Section(
        {
            "hoy": always(Shift(0)),
            "manana|mnana|manyana": always(Shift(1)),
            "pasado manana": always(Shift(2)),
            "{weekday}": lambda f: Weekday(f["weekday"]),
            # "Viernes 27 a las 10"; without "a las" the number may be an hour.
            "{weekday} {day:1}(?= a las? )": lambda f: (Weekday(f["weekday"]), OfMonth(f["day"])),
            "{weekday} (?:proximo|que viene)": lambda f: Weekday(f["weekday"], Which.NEXT_TO_COME),
            "proximo {weekday}": lambda f: Weekday(f["weekday"], Which.NEXT_TO_COME),
            "{weekday} de esta semana": lambda f: OfWeek(f["weekday"], 0),
            f"{{weekday}} de {NEXT_WEEK}": lambda f: OfWeek(f["weekday"], 1),
            "{day}(?: de)? {month}(?:(?: del?)? {year})?": figures.on_date,
            **figures.dates(day_first=True),
        },
        lead=BEFORE_A_DAY,
    ),
    Section(
        {
            "este {weekday}": lambda f: Weekday(f["weekday"], Which.THIS),
            f"{NEXT_WEEK} el {{weekday}}": lambda f: OfWeek(f["weekday"], 1),
            "(?:el )?dia {day:1}": lambda f: OfMonth(f["day"]),
            "el {day:1}(?= a las? )": lambda f: OfMonth(f["day"]),
        }
    ),
    Section(
        {
            "manana": always(MORNING),
            "madrugada": always(SMALL_HOURS),
        },
        lead="(?:por|en|de|a) la ",
    ),
    Section({"tarde": always(AFTERNOON), "noche": always(NIGHT)}, lead="(?:(?:por|en|de|a) la )?"),
    Section(
        {
            "del? medio ?dia": always(MIDDAY),
            "esta manana": always(Shift(0), MORNING),
            "esta tarde": always(Shift(0), AFTERNOON),
            "esta noche": always(Shift(0), NIGHT),
        }
    ),
    Section(
        {
            "(?:(?:al?|antes del?) )?medio ?dia": always(figures.NOON),
            "(?:a )?(?:la )?medianoche": always(Mark.MIDNIGHT),
            "a primera hora(?: del dia)?": always(Mark.OPENING),
            "a ultima hora(?: del dia)?": always(Mark.CLOSING),
            "(?:(?:al?|antes del|para el) )?(?:final|fin) (?:del dia|de la jornada)": always(Mark.CLOSING),
            "al cierre|antes del cierre": always(Mark.CLOSING),
            f"antes de{MEAL}": always(Mark.LUNCH),
            f"a la hora de{MEAL}": always(Mark.LUNCHTIME),
            f"despues de{MEAL}|tras (?:la comida|el almuerzo)": always(Mark.AFTER_LUNCH),
            "a (?:esta|la misma) hora": always(Mark.SAME),
            "(?:al? )?final de (?:la )?semana": always(EndOfWeek(0), Mark.CLOSING),
            "(?:al? )?(?:final|fin) del? mes": always(EndOfMonth(), Mark.CLOSING),
        }
    ),
    Section({"a mas tardar|como muy tarde|como mucho": always()}),
    Section(places.patterns("es"), lead="(?:(?:hora (?:local )?(?:de |en )?|en ))?"),
    Section(
        {
            f"hora (?:local )?{CUSTOMER}|hora local": always(Place(Whose.CUSTOMER)),
            "(?:en )?su hora(?: local)?": always(Place(Whose.CUSTOMER)),
            "(?:en )?(?:mi|nuestra|tu) hora|hora (?:mia|nuestra|tuya)": always(Place(Whose.SPEAKER)),
        }
    ),
    Section(
        {
            "pronto|luego|ahora(?: mismo)?|ahorita|mas tarde|ya|despues|enseguida": refused(Reason.VAGUE),
            "cuanto antes|lo antes posible|(?:en |dentro de )?un (?:rato|ratito|momento)": refused(
                Reason.VAGUE
            ),
            "(?:(?:en|dentro de) )?un[oa]s (?:[a-z]+ )?[a-z]+": refused(Reason.VAGUE),
            f"{NEXT_WEEK}|esta semana|(?:el )?fin de semana|este mes": refused(Reason.VAGUE),
            "ayer|anteayer|anoche|hace(?: .*)?|(?:el )?{weekday} pasado": refused(Reason.BACKWARDS),
            "entre(?: .*)?|de [0-9]{1,2} a [0-9]{1,2}": refused(Reason.SPAN),
            "(?:despues de|a partir de|desde) las? [a-z0-9:.]+": refused(Reason.START),
            "(?:en|dentro de) {n}": refused(Reason.BARE),
        }
    ),
)

SPANISH = Language(
    code="es",
    grammar=Grammar(SLOTS, SECTIONS, unlisted_date("es", lead=BEFORE_A_DAY, months=MONTHS, orders=("DMY",))),
    sentences={
        Reason.EMPTY: "Escribe un día y una hora, como «mañana a las 15:00» o «en 2 horas».",
        Reason.TOO_LONG: "Demasiado largo: escribe un día y una hora, como «mañana a las 15:00».",
        Reason.LEFTOVER: "«{text}» no se entiende: escribe un día y una hora, como «mañana a las 15:00».",
        Reason.CONFLICT: "Hay más de una hora: escribe un solo día y una hora, como «mañana a las 15:00».",
        Reason.CONTRADICTION: "Esos días se contradicen: escribe uno solo.",
        Reason.OUTSIDE_PART: "{time} no es {part}: escribe el día y la hora, como «mañana a las 15:00».",
        Reason.NO_TIME: "¿A qué hora el {day}? Escríbela también, como «{day}, 15:00».",
        Reason.NO_DAY: "¿Qué día? Escríbelo también, como «mañana por la tarde».",
        Reason.BARE: "«{text}» puede ser una hora, una fecha o unos minutos: escribe «a las 15:00».",
        Reason.SPAN: "«{text}» no es una sola hora: escribe la última, como «mañana a las 16:00».",
        Reason.START: "«{text}» dice desde cuándo: escribe la última hora, como «mañana a las 16:00».",
        Reason.VAGUE: "«{text}» no es una hora: escribe un día y una hora, como «mañana a las 15:00».",
        Reason.BACKWARDS: "«{text}» está en el pasado: escribe una hora que esté por venir.",
        Reason.PASSED: "{day} ya ha pasado: escribe una hora que esté por venir.",
        Reason.FAR: "Faltan más de 400 días para el {day}: escribe un día más cercano.",
        Reason.NO_SUCH_DATE: "{day} no existe: escribe otra fecha.",
        Reason.SKIPPED: "Las {time} del {day} no existen en {place}, donde se adelantan los relojes:"
        " escribe una hora anterior o posterior.",
        Reason.NO_CUSTOMER_ZONE: "Falta la zona del cliente: escribe un lugar, como «15:00 Nueva York».",
        Reason.UNKNOWN_ZONE: "«{text}» no es una zona horaria: escribe un lugar, como «15:00 Londres».",
        Reason.SEVERAL_ZONES: "«{text}» abrevia varias zonas: escribe una ciudad, como «15:00 Chicago».",
        Reason.OUT_OF_SEASON: "{place} no usa {letters} el {day}: escribe la ciudad, como «15:00 {place}».",
    },
    echo=EchoWords(
        place="en {place}",
        reader="{when} para ti",
        once_over="{echo}: la anterior ya ha pasado",
        supposed="¿Querías decir {echo}?",
        no_date="{day} de {month} de {year}",
        first="{time} (antes de atrasar los relojes)",
        second="{time} (después de atrasar los relojes)",
    ),
)
