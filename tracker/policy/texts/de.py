"""German, with "Sie"."""

from tracker.policy.texts.language import Deed, Language, Reason, Stop, Tone

_STAFF = '{heading}: {label} {due}, {customer} {phone}, "{topic}". {link}'

_TEXTS = r"(?:sms|nachricht(?:en)?|mitteilung(?:en)?|texte?|werbung|spam)"

LANGUAGE = Language(
    code="de",
    date="EEE d. MMM",
    clock="HH:mm",
    near={-1: "gestern", 0: "heute", 1: "morgen"},
    by_near="bis {day} {time}",
    by_far="bis {day}, {time}",
    by_clock="bis {time}",
    deeds={
        "callback": Deed("ruft Sie {by} zurück", "Rückruf"),
        "refund": Deed("klärt {by} Ihre Erstattung", "Erstattung"),
        "replacement": Deed("klärt {by} Ihren Ersatz", "Ersatz"),
        "answer": Deed("antwortet Ihnen {by}", "Antwort"),
        "visit": Deed("kommt {by} zu Ihnen", "Besuch"),
        "other": Deed("kümmert sich {by} darum", "Anliegen"),
    },
    next_known="Sonst übernimmt {by} das Team.",
    next_unknown="Wir bleiben bis zur Lösung dran.",
    headings={
        "reminder": ("Bald fällig", "{count} bald fällig, zuerst"),
        "due": ("Jetzt fällig", "{count} jetzt fällig, zuerst"),
        "escalation": ("Überfällig", "{count} überfällig, zuerst"),
        "yours_now": ("Jetzt bei Ihnen", "{count} jetzt bei Ihnen, zuerst"),
        "still_open": ("Noch offen", "{count} noch offen, zuerst"),
        "call_wanted": ("Bitte anrufen", "{count} bitte anrufen, zuerst"),
        "use_the_page": ("Antwort auf der Seite", "{count} auf ihrer Seite zu beantworten, zuerst"),
        "chosen": ("Kunde wählt", "{count} gewählte Zeiten, zuerst"),
        "not_kept": ("Nicht gehalten, sagt der Kunde", "{count} nicht gehalten, zuerst"),
        "uncovered": ("Niemand im Dienst", "{count}-mal niemand im Dienst, zuerst"),
    },
    templates={
        "promised": (
            '{team}: Hallo {given_name}, {owner} {will}: "{topic}". {link} Abmelden: mit STOP antworten.'
        ),
        "renegotiated": (
            '{team}: Hallo {given_name}, Verzeihung, neue Zeit: {owner} {will}: "{topic}". Passt das? {link}'
        ),
        "apology": (
            '{team}: Hallo {given_name}, Verzeihung, wir sind zu spät: {label} "{topic}" (zugesagt: {due}). '
            "{next} {link}"
        ),
        "handed_over": (
            '{team}: Hallo {given_name}, {owner} kümmert sich jetzt um "{topic}" (zugesagt: {due}). '
            "Wir bleiben bis zur Lösung dran."
        ),
        "unreached": (
            '{team}: Hallo {given_name}, {owner} hat wegen "{topic}" angerufen (zugesagt: {due}). '
            "Antwort 1: jetzt. Oder eine Zeit. {link}"
        ),
        "say_more": (
            "{team}: Hallo {given_name}, bitte antworten Sie in Worten, {owner} liest alles: "
            '"{topic}" (zugesagt: {due}).'
        ),
        "kept_it": (
            '{team}: Hallo {given_name}, haben wir Wort gehalten: "{topic}"? '
            "Bitte antworten: 1 = ja, 2 = nein. {link}"
        ),
        "reminder": _STAFF,
        "due": _STAFF,
        "escalation": '{heading}: {label} {due} ({owner}), {customer} {phone}, "{topic}". {link}',
        "yours_now": _STAFF,
        "still_open": '{heading}: {label} {first_due} ({owner}), {customer}, "{topic}". {link}',
        "call_wanted": _STAFF,
        "use_the_page": '{heading}: {label} {due}, {customer}, "{topic}". {link}',
        "chosen": _STAFF,
        "not_kept": '{heading}: {label} {due} ({owner}), {customer} {phone}, "{topic}". {link}',
        "uncovered": '{heading}: {label} {due} ({owner}), {customer}, "{topic}". {link}',
    },
    tone=(
        Tone(
            Reason.NEGATIVE,
            "Wir können ... / Das ist bis ... erledigt.",
            (
                "kann nicht",
                "können nicht",
                "kann ich nicht",
                "können wir nicht",
                "kann leider nicht",
                "nicht möglich",
                "unmöglich",
                "geht nicht",
                "nicht in der Lage",
                "niemand ist frei",
                "niemand da",
            ),
        ),
        Tone(
            Reason.NEGATIVE,
            "Weglassen: Das ist bis ... erledigt.",
            ("leider", "bedauerlicherweise", "unglücklicherweise", "wir bedauern", "ich fürchte"),
        ),
        Tone(Reason.NEGATIVE, "Sehr gern.", ("kein Problem", "kein Thema")),
        Tone(
            Reason.UNKNOWING,
            "Ich kläre das und melde mich bis ...",
            (
                "weiß nicht",
                "weiss nicht",
                "wissen nicht",
                "weiß ich nicht",
                "wissen wir nicht",
                "keine Ahnung",
                "nicht sicher",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Sagen, was hilft: Damit wir ... können, bitte ...",
            (
                "Sie haben vergessen",
                "Sie haben versäumt",
                "Sie haben nicht",
                "Sie hätten",
                "Sie müssen",
                "Sie sollten",
                "Sie behaupten",
                "Sie irren",
                "Ihre Schuld",
                "Ihr Fehler",
                "selbst schuld",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Noch einmal sagen, wie beim ersten Mal.",
            (
                "wie gesagt",
                "wie bereits gesagt",
                "wie schon gesagt",
                "wie bereits erwähnt",
                "wie ich schon sagte",
                "offensichtlich",
                "selbstverständlich nicht",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Ich verstehe Ihren Ärger. Ich kümmere mich bis ... darum.",
            ("beruhigen Sie sich", "regen Sie sich nicht auf"),
        ),
        Tone(
            Reason.EXCUSE,
            "Sagen, was geht: Wir können ...",
            ("Richtlinie", "Richtlinien", "Vorschrift", "Vorschriften", "unsere Regeln"),
        ),
        Tone(
            Reason.EXCUSE,
            "Das tut uns leid. Es ist bis ... erledigt.",
            (
                "nicht unsere Schuld",
                "nicht meine Schuld",
                "nicht zuständig",
                "Personalmangel",
                "hohes Anrufaufkommen",
                "hoher Andrang",
                "technische Probleme",
                "technischen Gründen",
                "Systemfehler",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Bis ... (ein Tag und eine Uhrzeit)",
            (
                "so bald wie möglich",
                "sobald wie möglich",
                "so schnell wie möglich",
                "schnellstmöglich",
                "baldmöglichst",
                "zeitnah",
                "in Kürze",
                "demnächst",
                "bei Gelegenheit",
                "irgendwann",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Das ist bis ... erledigt.",
            (
                "versuchen",
                "versuche",
                "bemühen uns",
                "unser Bestes",
                "hoffentlich",
                "wir hoffen",
                "eventuell",
                "vielleicht",
            ),
        ),
    ),
    stop=Stop(
        alone=(
            "stopp|stopt|stoppt|stoppen|aufhoren|aufhoeren|hor auf|hort auf|horen auf|hoeren auf|schluss|"
            "schluss damit|genug|abmelden|abmeldung|abbestellen|abbestellung|keine sms|"
            "keine nachrichten|keine sms mehr|keine nachrichten mehr|in ruhe lassen|unterlassen"
        ),
        fillers=(
            "aber bitte danke das doch endlich hallo ich ja jetzt mal mich nun ok sofort sagte sie "
            "einfach moechte mochte will"
        ),
        within=(
            r"^(?!.*\b(?:bekomm|erhalt|gekomm|komm|kam)).*keine (?:weiteren |solchen )?" + _TEXTS + " mehr",
            r"(?:mochten?|moechten?|will|wollen|wunsche|wuensche) (?:(?:bitte|von ihnen|ab sofort) )*"
            r"keine (?:(?:weiteren|solchen) )?" + _TEXTS,
            r"keine (?:sms|nachrichten) (?:schicken|senden|schreiben)",
            r"keine weiteren " + _TEXTS,
            r"nicht mehr (?:an)?(?:schreiben|kontaktieren|texten|simsen|belastigen|belaestigen)",
            r"(?:schreib|schick|send|kontaktier|belastig|belaestig)\w* (?:sie )?(?:mir|mich|uns) "
            r"(?:bitte )?(?:nicht|nichts|keine)(?: \w+)? ?(?:mehr|sms|nachrichten)",
            r"(?:hor|hoer)\w* (?:sie )?(?:(?!nicht )\w+ )?auf (?:mir|mich|zu|mit)",
            r"(?:lass|lasst|lassen) (?:sie )?(?:mich|uns) (?:\w+ )?in ruhe",
            r"(?:stopp|stoppen|stoppt|beenden) (?:sie )?(?:bitte )?(?:(?:die|diese|alle|mit|den|ihre) )*"
            + _TEXTS,
            r"mich (?:bitte )?(?:abmelden|austragen)|melden sie mich (?:bitte )?ab|"
            + _TEXTS
            + " abbestellen",
            r"(?:loschen|loeschen|entfernen|streichen) sie (?:bitte )?(?:meine (?:handy)?nummer|mich)",
            r"(?:nehmen|streichen|loschen|loeschen) sie mich (?:bitte )?(?:aus|von) (?:der|ihrer) liste",
            r"meine (?:handy|telefon)?nummer (?:bitte )?(?:loschen|loeschen|entfernen)",
        ),
    ),
    yes=frozenset({"ja"}),
    no=frozenset({"nein"}),
    call_me=frozenset({"rufen sie mich an", "bitte anrufen", "bitte rückruf", "anrufen", "rückruf"}),
    later=frozenset({"später", "spaeter", "jetzt nicht"}),
)
