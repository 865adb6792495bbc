"""English."""

from tracker.policy.texts.language import Deed, Language, Reason, Stop, Tone

_STAFF = '{heading}: {label} {due}, {customer} {phone}, "{topic}". {link}'

_TEXTS = r"(?:te?xts?|text messages?|messages?|msgs?|sms|spam)"
_DONT = r"(?:do not|dont|never|no need to) "
_NOT = (
    r"(?<!dont )(?<!not )(?<!never )(?<!cant )(?<!cannot )(?<!wont )"
    r"(?<!bus )(?<!tram )(?<!next )(?<!last )(?<!a )"
)

LANGUAGE = Language(
    code="en",
    date="EEE d MMM",
    clock="HH:mm",
    near={-1: "yesterday", 0: "today", 1: "tomorrow"},
    by_near="by {day} {time}",
    by_far="by {day}, {time}",
    by_clock="by {time}",
    deeds={
        "callback": Deed("will call you back {by}", "callback"),
        "refund": Deed("will see to your refund {by}", "refund"),
        "replacement": Deed("will see to your replacement {by}", "replacement"),
        "answer": Deed("will answer you {by}", "answer"),
        "visit": Deed("will visit you {by}", "visit"),
        "other": Deed("will see to your request {by}", "follow-up"),
    },
    next_known="A colleague steps in {by}.",
    next_unknown="We will see it through.",
    headings={
        "reminder": ("Due soon", "{count} due soon, first"),
        "due": ("Due now", "{count} due now, first"),
        "escalation": ("Late", "{count} late, first"),
        "yours_now": ("Yours now", "{count} now yours, first"),
        "still_open": ("Still open", "{count} still open, first"),
        "call_wanted": ("Wants a call now", "{count} want a call now, first"),
        "use_the_page": ("Answer on its page", "{count} to answer on their pages, first"),
        "chosen": ("Customer chose", "{count} times chosen, first"),
        "not_kept": ("Customer says not kept", "{count} not kept, first"),
        "uncovered": ("Nobody on duty", "{count} with nobody on duty, first"),
    },
    templates={
        "promised": '{team}: Hi {given_name}, {owner} {will} about "{topic}". {link} Reply STOP to opt out.',
        "renegotiated": (
            '{team}: Hi {given_name}, sorry for the change: {owner} {will} about "{topic}". '
            "Reply to change it. {link}"
        ),
        "apology": (
            '{team}: Hi {given_name}, sorry we are late with your {label} about "{topic}", promised {by}. '
            "{next} {link}"
        ),
        "handed_over": (
            '{team}: Hi {given_name}, {owner} now takes care of "{topic}" (promised: {due}). '
            "We stay on it until it is done."
        ),
        "unreached": (
            '{team}: Hi {given_name}, {owner} called about "{topic}" (promised: {due}). '
            "We call again: reply 1 if now suits you, or a time. {link}"
        ),
        "say_more": (
            "{team}: Hi {given_name}, please answer in words, {owner} reads them all: "
            '"{topic}" (promised: {due}).'
        ),
        "kept_it": (
            '{team}: Hi {given_name}, did we keep our promise about "{topic}"? Reply 1 for yes, 2 for no. {link}'
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
            "We can ... / We will ... by ...",
            (
                "can't",
                "cannot",
                "can not",
                "couldn't",
                "could not",
                "unable to",
                "not able to",
                "won't",
                "will not",
                "not possible",
                "impossible",
                "no longer possible",
                "nobody is available",
                "no one is available",
            ),
        ),
        Tone(
            Reason.NEGATIVE,
            "Leave it out: We will ... by ...",
            ("unfortunately", "regrettably", "we regret", "I'm afraid", "we're afraid", "sadly"),
        ),
        Tone(Reason.NEGATIVE, "With pleasure.", ("no problem", "no worries")),
        Tone(
            Reason.UNKNOWING,
            "I will find out and tell you by ...",
            ("don't know", "do not know", "doesn't know", "no idea", "not sure", "hard to say"),
        ),
        Tone(
            Reason.BLAME,
            "Say what we need: So that we can ..., please ...",
            (
                "you failed to",
                "you forgot",
                "you didn't",
                "you did not",
                "you should have",
                "you never",
                "you have to",
                "you must",
                "you claim",
                "you are wrong",
                "you're wrong",
                "your fault",
                "your mistake",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Say it once more, as if for the first time.",
            (
                "as I said",
                "as we said",
                "like I said",
                "as I told you",
                "as already mentioned",
                "as stated",
                "obviously",
            ),
        ),
        Tone(Reason.BLAME, "I see why this is annoying. I will ... by ...", ("calm down", "relax")),
        Tone(
            Reason.EXCUSE, "Say what is possible: What we can do is ...", ("policy", "policies", "our rules")
        ),
        Tone(
            Reason.EXCUSE,
            "We are sorry. We will ... by ...",
            (
                "not our fault",
                "not my fault",
                "not my department",
                "short-staffed",
                "staff shortage",
                "too busy",
                "high demand",
                "high call volume",
                "technical problems",
                "technical reasons",
                "system error",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "By ... (a day and a time)",
            (
                "as soon as possible",
                "asap",
                "as soon as we can",
                "when we can",
                "shortly",
                "in due course",
                "at some point",
                "sometime",
                "in the near future",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "We will ... by ...",
            ("try to", "do our best", "hope to", "hopefully", "should be able to", "might", "maybe"),
        ),
    ),
    stop=Stop(
        alone=(
            "stop|stopp|no more|enough|go away|get lost|leave me alone|leave us alone|remove|remove me|"
            "opt out|cease|quit|end|take me off|fuck off|piss off"
        ),
        fillers=(
            "a all already and can could for god hello hey hi i im immediately is it just me now of ok "
            "okay please pls plz reply said say sir sake spam thx thank thanks that the these this "
            "to want will would yes you"
        ),
        within=(
            _NOT + r"(?:stopp?|quit|cease) (?:(?!by )\w+ )?"
            r"(?:te?xt?ing?|msging|messaging|sending|contacting|writing|calling|bothering|harassing|spamming)",
            _NOT + r"(?:stop|cancel|end|turn off) (?:(?:all|the|these|those|your|my|this|with) )*" + _TEXTS,
            r"(?<!got )(?<!get )(?<!received )(?<!have )(?<!had )no more (?:(?:of|the|these|your) )*"
            + _TEXTS,
            r"enough (?:(?:of|with|the|these|your) )*" + _TEXTS,
            _DONT
            + r"(?:ever )?(?:text|message|msg|sms|contact|bother|spam|write to) (?:me|us|this|again|any ?more)",
            _DONT + r"send (?:(?:me|us|any|more|another|these|such) )*" + _TEXTS,
            _DONT
            + r"(?:want|wish|need) (?:to (?:get|receive|have) )?(?:(?:any|more|your|these|those) )*"
            + _TEXTS,
            r"unsub\w*|unsuscri\w*|opt(?:ing)? ?(?:me )?out",
            r"leave (?:me|us) (?:alone|in peace)",
            r"(?:remove|delete|lose|forget|erase) (?:me|(?:my|this) (?:phone )?number)",
            r"take (?:me|my number) off(?! the wait)",
        ),
    ),
    yes=frozenset({"yes", "y"}),
    no=frozenset({"no", "n"}),
    call_me=frozenset({"call me", "call me back", "please call", "please call me", "call"}),
    later=frozenset({"later", "not now", "another time"}),
)
