"""Which replies does Twilio act on by itself, and what does it answer the phone?

A keyword counts only as the whole body, whatever its case: "Stop please" is an ordinary reply
(https://support.twilio.com/hc/en-us/articles/223134027). OPTOUT and REVOKE count since 2025.
"""

from enum import StrEnum


class Keyword(StrEnum):
    """What a reply asks of Twilio; the values are those of OptOutType."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"), Keyword.STOP
    ),
    **dict.fromkeys(("START", "YES", "UNSTOP"), Keyword.START),
    **dict.fromkeys(("HELP", "INFO"), Keyword.HELP),
}

REPLIES = {
    Keyword.STOP: "You are unsubscribed and get no more texts from this number. Reply START to resubscribe.",
    Keyword.START: "You are subscribed to texts from this number again. Reply STOP to unsubscribe.",
    Keyword.HELP: "Reply STOP to unsubscribe. Message and data rates may apply.",
}


def keyword(body: str) -> Keyword | None:
    """The keyword that is the whole of the body, apart from the space around it."""
    return _WORDS.get(body.strip().upper())
