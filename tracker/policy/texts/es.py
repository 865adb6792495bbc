"""Spanish, with "usted". Worded around á, í, ó and ú, which GSM-7 lacks: each would halve what fits."""

from tracker.policy.texts.language import Deed, Language, Reason, Stop, Tone

_STAFF = '{heading}: {label} {due}, {customer} {phone}, "{topic}". {link}'

_TEXTS = r"(?:mensajes?|mensajitos?|sms|textos?|spam)"

LANGUAGE = Language(
    code="es",
    date="EEE d MMM",
    clock="HH:mm",
    near={-1: "ayer", 0: "hoy", 1: "mañana"},
    by_near="{day} antes de las {time}",
    by_far="el {day} antes de las {time}",
    by_clock="antes de las {time}",
    deeds={
        "callback": Deed("le llama {by}", "llamada"),
        "refund": Deed("gestiona su reembolso {by}", "reembolso"),
        "replacement": Deed("gestiona su reemplazo {by}", "reemplazo"),
        "answer": Deed("le responde {by}", "respuesta"),
        "visit": Deed("le visita {by}", "visita"),
        "other": Deed("atiende su caso {by}", "asunto"),
    },
    next_known="Otra persona lo asume {by}.",
    next_unknown="Seguimos en ello hasta resolverlo.",
    headings={
        "reminder": ("Vence pronto", "{count} vencen pronto, primero"),
        "due": ("Vence ahora", "{count} vencen ahora, primero"),
        "escalation": ("Con retraso", "{count} con retraso, primero"),
        "yours_now": ("Ahora es suya", "{count} ahora son suyas, primero"),
        "still_open": ("Sigue abierta", "{count} siguen abiertas, primero"),
        "call_wanted": ("Pide una llamada ya", "{count} piden una llamada ya, primero"),
        "use_the_page": ("Responda en su ficha", "{count} por responder en su ficha, primero"),
        "chosen": ("El cliente elige", "{count} horas elegidas, primero"),
        "not_kept": ("Sin cumplir, dice el cliente", "{count} sin cumplir, primero"),
        "uncovered": ("Nadie de turno", "{count} sin nadie de turno, primero"),
    },
    templates={
        "promised": (
            '{team}: Hola {given_name}, {owner} {will} por "{topic}". {link} Responda STOP para darse de baja.'
        ),
        "renegotiated": (
            '{team}: Hola {given_name}, perdone el cambio: {owner} {will} por "{topic}". '
            "¿Le viene bien? {link}"
        ),
        "apology": (
            '{team}: Hola {given_name}, sentimos nuestro retraso: {label} "{topic}" (prometido: {due}). '
            "{next} {link}"
        ),
        "handed_over": (
            '{team}: Hola {given_name}, ahora {owner} se ocupa de "{topic}" (prometido: {due}). '
            "Seguimos en ello hasta resolverlo."
        ),
        "unreached": (
            '{team}: Hola {given_name}, {owner} le ha llamado por "{topic}" (prometido: {due}). '
            "Responda 1 para ahora, o una hora. {link}"
        ),
        "say_more": (
            "{team}: Hola {given_name}, responda con palabras, {owner} lo lee todo: "
            '"{topic}" (prometido: {due}).'
        ),
        "kept_it": (
            '{team}: Hola {given_name}, ¿hemos cumplido lo prometido: "{topic}"? '
            "Responda 1 = cumplido, 2 = no cumplido. {link}"
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
            "Podemos ... / Lo haremos antes de ...",
            (
                "no podemos",
                "no puedo",
                "no puede",
                "no pueden",
                "no se puede",
                "no podremos",
                "no podrá",
                "no es posible",
                "imposible",
                "no hay nadie",
            ),
        ),
        Tone(
            Reason.NEGATIVE,
            "Déjelo fuera: Lo haremos antes de ...",
            ("lamentablemente", "desafortunadamente", "desgraciadamente", "por desgracia", "me temo que"),
        ),
        Tone(Reason.NEGATIVE, "Con mucho gusto.", ("no hay problema", "ningún problema", "sin problema")),
        Tone(
            Reason.UNKNOWING,
            "Lo averiguo y le informo antes de ...",
            (
                "no sé",
                "no sabemos",
                "no lo sé",
                "no lo sabemos",
                "ni idea",
                "no estoy seguro",
                "no estoy segura",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Diga lo que hace falta: Para poder ..., por favor ...",
            (
                "usted no",
                "se olvidó de",
                "usted olvidó",
                "debería haber",
                "usted debe",
                "tiene que",
                "está equivocado",
                "está equivocada",
                "su culpa",
                "culpa suya",
                "su error",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Dígalo de nuevo, como si fuera la primera vez.",
            (
                "como le dije",
                "como ya le dije",
                "como le dijimos",
                "como ya le",
                "ya le dije",
                "obviamente",
                "es obvio",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Entiendo que es molesto. Me ocupo antes de ...",
            ("cálmese", "tranquilícese", "no se enfade", "no se enoje"),
        ),
        Tone(
            Reason.EXCUSE,
            "Diga lo que es posible: Lo que podemos hacer es ...",
            ("política", "políticas", "normativa", "nuestras normas"),
        ),
        Tone(
            Reason.EXCUSE,
            "Lo sentimos. Lo haremos antes de ...",
            (
                "no es culpa nuestra",
                "no es mi departamento",
                "falta de personal",
                "mucha demanda",
                "alto volumen de llamadas",
                "problemas técnicos",
                "motivos técnicos",
                "causas ajenas",
                "error del sistema",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Antes de ... (un día y una hora)",
            (
                "lo antes posible",
                "cuanto antes",
                "a la mayor brevedad",
                "en breve",
                "próximamente",
                "en cuanto podamos",
                "cuando podamos",
                "en algún momento",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Lo haremos antes de ...",
            (
                "intentamos",
                "intentaremos",
                "intentar",
                "trataremos de",
                "tratar de",
                "haremos lo posible",
                "esperamos poder",
                "ojalá",
                "quizás",
                "tal vez",
            ),
        ),
    ),
    stop=Stop(
        alone=(
            "basta|pare|paren|parar|pare de una vez|deje|dejen|alto|baja|darme de baja|deme de baja|"
            "denme de baja|no mas|no moleste|no molesten|no molestar|no escriba|no escriban|dar de baja|"
            "borrenme|borreme|eliminenme|elimineme|cancelar"
        ),
        fillers=(
            "con de eso esto favor gracias hola inmediatamente les lo los ok por quiero senor "
            "senora su sus que ya ahora deseo"
        ),
        within=(
            r"(?<!no )(?:dej|par)(?:e|en|a|ad) (?:ya )?de "
            r"(?:enviar|mandar|escribir|molestar|contactar|llamar|acosar|" + _TEXTS + r")\w*",
            r"^para ya$",
            r"basta (?:ya )?de (?:enviar|mandar|escribir|molestar|contactar|llamar|" + _TEXTS + r")\w*",
            r"no (?:envi\w+ |mand\w+ |escrib\w+ )?mas (?:\w+ )?" + _TEXTS,
            r"(?:no|ni) (?:me |nos )?(?:envi|mand|escrib|contact|molest)(?:en?|es|an?|as) (?:\w+ )?mas",
            r"no (?:me |nos )?(?:envi|mand)(?:e|en|es) (?:\w+ ){0,2}?" + _TEXTS,
            r"no (?:me|nos) (?:escriba|escriban|contacte|contacten|moleste|molesten)",
            r"no (?:quiero|deseo|quisiera) (?:recibir )?(?:(?:mas|sus|estos|esos|ningun) )*" + _TEXTS,
            r"(?:darme|deme|denme|dame) de baja|desuscrib\w+|cancel\w+ (?:los |estos |sus )?" + _TEXTS,
            r"(?:deje|dejen|deja|dejad)(?:me|nos) (?:ya )?(?:en paz|tranquil[oa]s?)",
            r"(?:borr|elimin|quit)\w+ mi (?:numero|telefono)",
            r"(?:saqu|quit|borr|elimin)\w*me de (?:su|la|esta) lista",
        ),
    ),
    yes=frozenset({"sí", "si"}),
    no=frozenset({"no"}),
    call_me=frozenset({"llámeme", "llameme", "llámenme", "llamenme", "llamar"}),
    later=frozenset({"luego", "más tarde", "mas tarde", "ahora no"}),
)
