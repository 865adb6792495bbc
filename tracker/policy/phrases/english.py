"""English: the words for times, and the sentences that answer them."""

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

UNITS = numbered("one two three four five six seven eight nine ten eleven twelve")
UNITS |= numbered("thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 13)
TENS = {
    ten: 10 * n for ten, n in numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2).items()
}
NUMBERS = UNITS | TENS
NUMBERS |= {f"{ten} {one}": tens + n for ten, tens in TENS.items() for one, n in UNITS.items() if n < 10}
NTH = numbered("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth")
NTH |= numbered("fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 14)
NTH |= {f"twenty {nth}": 20 + n for nth, n in NTH.items() if n < 10} | {"thirtieth": 30, "thirty first": 31}
WEEKDAYS = numbered(
    "monday|mon|mondy tuesday|tues|tue|teusday|tuseday wednesday|weds|wed|wensday|wednsday|wendesday"
    " thursday|thurs|thur|thu|thrusday|thurday friday|fri|firday saturday|sat|satruday|staurday sunday|sun",
    0,
)
MONTHS = numbered(
    "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug"
    " september|sept|sep october|oct november|nov december|dec"
)
SOME_WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
HOUR_WORDS = {word: number for word, number in NUMBERS.items() if number <= 12}

TOMORROW = "(?:tomorrow|tomorow|tommorow|tommorrow|tomorrw|tmrw|tmro|tmr|tomoz|2morrow|2moro)"

MORNING = Part("in the morning", 60, 719, Mark.OPENING, Mark.LUNCH)
AFTERNOON = Part("in the afternoon", 720, 1139, Mark.AFTER_LUNCH, Mark.CLOSING)
EVENING = Part("in the evening", 960, 1439)
NIGHT = Part("at night", 1080, 1440)
AM = Part("am", 0, 719, Mark.OPENING, Mark.LUNCH)
PM = Part("pm", 720, 1439, Mark.AFTER_LUNCH, Mark.CLOSING)
TONIGHT = Part("tonight", 1020, 1440)

SLOTS = {
    **figures.SLOTS,
    **places.slots("en"),
    "hour": Slot("[1-9]|1[0-9]|2[0-3]", HOUR_WORDS),
    "hour:12": Slot("[1-9]|1[0-2]", HOUR_WORDS),
    "hour:word": Slot("", HOUR_WORDS),
    "minute": Slot("[1-5]?[0-9]", {word: number for word, number in NUMBERS.items() if number < 60}),
    "minute:word": Slot("", {word: n for word, n in NUMBERS.items() if 10 <= n < 60} | {"oh five": 5}),
    # "5 to 7" and "10 to 12" may be spans; with 20, with 25 and in words they are not.
    "minute:to": Slot("20|25", {"five": 5, "ten": 10, "twenty": 20, "twenty five": 25}),
    "n": Slot(
        "[1-9][0-9]{0,2}", NUMBERS | {"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "a couple": 2}
    ),
    "day": Slot("(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?", NTH),
    "nth": Slot("(?:[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)", {}),
    "nth:word": Slot("", NTH),
    "weekday": Slot("", WEEKDAYS),
    "month": Slot("", MONTHS),
}

BY = "(?:(?:at|by|before|around|about|(?:no|not) later than) )"
LATEST = "(?: (?:sharp|exactly|on the dot|at the latest))?"
GAP, FIGURE = "(?:(?<=[0-9]) ?| )", "(?:(?<=[0-9])|(?<=[0-9] ))"
MINUTES, HOURS = f"{GAP}(?:minutes?|mins?|{FIGURE}m)", f"{GAP}(?:hours?|hrs?|{FIGURE}h)"
IN = "(?:(?:in|within|inside)(?: about| around| the next)? |about |around )?"
FROM_NOW = "(?: from now| time)?"
WORK = "(?:business|working|work)"
OWNER = "(?:her|his|their|(?:the )?(?:customers?|clients?|callers?))"
BEFORE_A_DAY = "(?:(?:on|by|for|(?:no|not) later than) )?(?:the )?"
FIGURES = "[0-9]{1,2}(?:[:.][0-9]{2})? ?(?:am|pm)?"

SECTIONS = (
    Section(
        {
            "{hour} ?o ?clock": figures.hour(),
            "half past {hour}": figures.hour(plus=30),
            "half {hour}": figures.hour(plus=30),
            "(?:a )?(?:quarter|qtr) (?:past|after) {hour}": figures.hour(plus=15),
            "(?:a )?(?:quarter|qtr) (?:to|of|til|till) {hour}": figures.hour(plus=-15),
            "{minute}(?: minutes| mins?)? (?:past|after) {hour}": figures.minutes_past,
            "{minute:to} (?:to|til|till) {hour}": figures.minutes_to,
            "{minute} (?:minutes|mins?) to {hour}": figures.minutes_to,
            "{hour:word} {minute:word}": figures.minutes_past,
        },
        lead=f"{BY}*",
        trail="(?: ?{half})?" + LATEST,
    ),
    Section({"{hour:12}": figures.hour()}, lead=f"{BY}+", trail="(?: ?{half})?" + LATEST),
    Section(
        {"{hour:12}": figures.bare_hour, "{hour} ?{half}": figures.hour(), "at {hour}": figures.hour()},
        trail=LATEST,
    ),
    Section(figures.clocks(suffix=" ?(?:h|hrs|hours)"), lead=f"{BY}*", trail=LATEST),
    Section({r"at {hour:01-12}\.{minute:00}": figures.minutes_past}),
    # "15h" is sooner the time than so many hours, "9h" is sooner so many hours, and "2h" is nothing else.
    Section({"{hour:13} ?h{minute:00}?": figures.exactly}, lead=f"{BY}*"),
    Section(
        {
            "{n}" + MINUTES: figures.length(1),
            "{n}" + HOURS: figures.length(60),
            "{n}" + HOURS + "(?: and)? {minute}" + MINUTES: figures.length_and_minutes,
            "{n}(?<=[0-9]) ?h ?{minute} ?m?": figures.length_and_minutes,
            "{n}" + HOURS + " and a half": figures.length(60, 30),
            "{n}" + HOURS + " and a quarter": figures.length(60, 15),
            "{n} and a half hours": figures.length(60, 30),
            "{n} 1/2 hours?": figures.length(60, 30),
            r"{n}\.5" + HOURS: figures.length(60, 30),
            "hour and a half": always(Length(90)),
            "half an hour|(?:a )?half hour|1/2 (?:an )?hour": always(Length(30)),
            "(?:a )?quarter of an hour|1/4 (?:of an )?hour": always(Length(15)),
            "three quarters of an hour|3/4 (?:of an )?hour": always(Length(45)),
        },
        lead=IN,
        trail=FROM_NOW + LATEST,
    ),
    Section({"within the hour|(?:in|within) the next hour": always(Length(60))}),
    Section({"{hour:7} ?h{minute:00}?": figures.exactly}, lead=f"{BY}*"),
    Section(
        {
            f"{{n}}{GAP}days?": lambda f: After(f["n"], Unit.DAY),
            f"{{n}}{GAP}(?:weeks?|wks?)": lambda f: After(f["n"], Unit.WEEK),
            f"{{n}}{GAP}months?": lambda f: After(f["n"], Unit.MONTH),
            f"{{n}}{GAP}{WORK} ?days?": lambda f: After(f["n"], Unit.WORKING_DAY),
            "a fortnight": always(After(2, Unit.WEEK)),
        },
        lead=IN,
        trail=FROM_NOW,
    ),
    Section(
        {
            "(?:later )?today": always(Shift(0)),
            TOMORROW: always(Shift(1)),
            f"day after {TOMORROW}": always(Shift(2)),
            f"next {WORK} ?day": always(After(1, Unit.WORKING_DAY)),
            "{n} weeks? (?:from )?today": lambda f: Shift(7 * f["n"]),
            f"{{n}} weeks? (?:from )?{TOMORROW}": lambda f: Shift(7 * f["n"] + 1),
            "week (?:from )?today": always(Shift(7)),
            f"week (?:from )?{TOMORROW}": always(Shift(8)),
            "(?:a )?fortnight (?:from )?today": always(Shift(14)),
            "today week": always(Shift(7)),
            f"{TOMORROW} week": always(Shift(8)),
            "{weekday}": lambda f: Weekday(f["weekday"]),
            # "Wednesday 25 at 3pm"; without "at" the number may be an hour.
            "{weekday} {day:1}(?= at [0-9])": lambda f: (Weekday(f["weekday"]), OfMonth(f["day"])),
            "{weekday} coming": lambda f: Weekday(f["weekday"]),
            "(?:this )?coming {weekday}": lambda f: Weekday(f["weekday"]),
            "this {weekday}": lambda f: Weekday(f["weekday"], Which.THIS),
            "next {weekday}": lambda f: Weekday(f["weekday"], Which.NEXT),
            "{weekday}(?: of)? this week": lambda f: OfWeek(f["weekday"], 0),
            "this week(?: on)? {weekday}": lambda f: OfWeek(f["weekday"], 0),
            "{weekday}(?: of)? next week": lambda f: OfWeek(f["weekday"], 1),
            "next week(?: on)? {weekday}": lambda f: OfWeek(f["weekday"], 1),
            "{weekday} week": lambda f: Weekday(f["weekday"], weeks=1),
            "{n} weeks? (?:on|from|this) {weekday}": lambda f: Weekday(f["weekday"], weeks=f["n"]),
            "week on {weekday}": lambda f: Weekday(f["weekday"], weeks=1),
            "(?:a )?fortnight on {weekday}": lambda f: Weekday(f["weekday"], weeks=2),
            "{day}(?: of)? {month}(?: {year})?": figures.on_date,
            "{month} (?:the )?{day}(?: {year})?": figures.on_date,
            # "The second Monday" is no date of the month.
            "{nth}(?! " + SOME_WEEKDAY + ")": lambda f: OfMonth(f["nth"]),
            **figures.dates(day_first=False),
        },
        lead=BEFORE_A_DAY,
    ),
    Section({"(?:on |by )?the {nth:word}(?! " + SOME_WEEKDAY + ")": lambda f: OfMonth(f["nth"])}),
    Section(
        {
            "morning": always(MORNING),
            "afternoon|arvo": always(AFTERNOON),
            "evening": always(EVENING),
        },
        lead="(?:(?:in|during) the )?",
    ),
    Section(
        {
            "am": always(AM),
            "pm": always(PM),
            "(?:at )?night": always(NIGHT),
            "tonight": always(Shift(0), TONIGHT),
            "this morning": always(Shift(0), MORNING),
            "(?:later )?this (?:afternoon|arvo)": always(Shift(0), AFTERNOON),
            "(?:later )?this evening": always(Shift(0), EVENING),
        }
    ),
    Section(
        {
            "(?:12 |twelve )?noon|mid ?day": always(figures.NOON),
            "(?:12 |twelve )?midnight": always(Mark.MIDNIGHT),
            f"end of (?:the )?(?:{WORK} )?day|end of (?:business|play)|eod|eob|eop": always(Mark.CLOSING),
            "close of (?:business|play|day)|cob|closing(?: time)?|close": always(Mark.CLOSING),
            f"(?:first|1st) thing|start of (?:the )?(?:{WORK} )?day|start of business": always(Mark.OPENING),
            "end of today": always(Shift(0), Mark.CLOSING),
            "end of tomorrow": always(Shift(1), Mark.CLOSING),
            "end of (?:(?:the|this) )?week|eow": always(EndOfWeek(0), Mark.CLOSING),
            "end of next week": always(EndOfWeek(1), Mark.CLOSING),
            "end of (?:(?:the|this) )?month|eom": always(EndOfMonth(), Mark.CLOSING),
        },
        lead=f"{BY}?(?:the )?",
    ),
    Section(
        {
            "(?:by|before) lunch(?: ?time)?": always(Mark.LUNCH),
            "(?:at |around )?lunch(?: ?time)?": always(Mark.LUNCHTIME),
            "(?:(?:right|straight|just) )?after lunch": always(Mark.AFTER_LUNCH),
            "(?:at )?(?:the )?(?:this|same) time": always(Mark.SAME),
            "(?:at )?(?:the )?(?:this|same) time next week": always(Mark.SAME, Shift(7)),
        }
    ),
    Section({"at the latest": always()}),
    Section(places.patterns("en"), lead="(?:in )?", trail="(?: time)?"),
    Section(
        {
            f"{OWNER} (?:local )?time|local time|in {OWNER} time ?zone": always(Place(Whose.CUSTOMER)),
            "(?:my|our|your) (?:local )?time": always(Place(Whose.SPEAKER)),
        }
    ),
    Section(
        {
            "asap|as soon as possible|soon|shortly|(?:right )?now|immediately": refused(Reason.VAGUE),
            "later(?: on)?|some ?time|whenever|at some point": refused(Reason.VAGUE),
            "in a (?:bit|while|moment|sec|second)": refused(Reason.VAGUE),
            "(?:in |within )?(?:a few|several|some) [a-z]+": refused(Reason.VAGUE),
            "(?:(?:at )?the )?weekend|(?:this|next) (?:week|month|year|weekend)": refused(Reason.VAGUE),
            f"(?:at )?{FIGURES} ?ish|[a-z]+ish": refused(Reason.VAGUE),
            "yesterday|last (?:{weekday}|night|week|month|year)|ago|earlier": refused(Reason.BACKWARDS),
            "between(?: .*)?": refused(Reason.SPAN),
            f"(?:from )?{FIGURES} ?(?:-|to|or|and|till|until) ?{FIGURES}": refused(Reason.SPAN),
            f"(?:any ?time )?(?:after|from|past|not before) {FIGURES}": refused(Reason.START),
            "(?:in|within) {n}": refused(Reason.BARE),
        }
    ),
)

ENGLISH = Language(
    code="en",
    grammar=Grammar(
        SLOTS, SECTIONS, unlisted_date("en", lead=BEFORE_A_DAY, months=MONTHS, orders=("DMY", "MDY"))
    ),
    sentences={
        Reason.EMPTY: 'Type a day and a time, like "tomorrow 3pm" or "in 2 hours".',
        Reason.TOO_LONG: 'That is too long for a time: type a day and a time, like "tomorrow 3pm".',
        Reason.LEFTOVER: '"{text}" makes no sense here: type a day and a time, like "tomorrow 3pm".',
        Reason.CONFLICT: 'That says more than one time: type one day and one time, like "tomorrow 3pm".',
        Reason.CONTRADICTION: "Those days contradict each other: type one of them only.",
        Reason.OUTSIDE_PART: '{time} is not {part}: type the day and the time, like "tomorrow 3pm".',
        Reason.NO_TIME: 'At what time on {day}? Type it too, like "{day}, 15:00".',
        Reason.NO_DAY: 'On which day? Type it too, like "tomorrow morning".',
        Reason.BARE: '"{text}" may be an hour, a date or a number of minutes: type "3pm" or "in 3 hours".',
        Reason.SPAN: '"{text}" is not one time: type the latest, like "tomorrow 4pm".',
        Reason.START: '"{text}" says when it may begin: type the latest time, like "tomorrow 4pm".',
        Reason.VAGUE: '"{text}" is not a time: type a day and a time, like "tomorrow 3pm" or "in 2 hours".',
        Reason.BACKWARDS: '"{text}" is in the past: type a time that is still to come, like "tomorrow 3pm".',
        Reason.PASSED: "{day} has passed: type a time that is still to come.",
        Reason.FAR: "{day} is more than 400 days away: type a nearer day.",
        Reason.NO_SUCH_DATE: "{day} does not exist: type another date.",
        Reason.SKIPPED: "{time} on {day} does not exist in {place}, where the clocks go forward over it:"
        " type an earlier or a later time.",
        Reason.NO_CUSTOMER_ZONE: 'The customer\'s zone is not known: type a place, like "3pm New York".',
        Reason.UNKNOWN_ZONE: '"{text}" is not a time zone: type one like "3pm London" or "3pm Asia/Kolkata".',
        Reason.SEVERAL_ZONES: '"{text}" is short for several zones: type a city, like "3pm Chicago".',
        Reason.OUT_OF_SEASON: '{place} is not on {letters} on {day}: type the city, like "3pm {place}".',
    },
    echo=EchoWords(
        place="in {place}",
        reader="{when} for you",
        once_over="{echo}: the one before has passed",
        supposed="Did you mean {echo}?",
        no_date="{day} {month} {year}",
        first="{time} (before the clocks go back)",
        second="{time} (after the clocks have gone back)",
    ),
)
