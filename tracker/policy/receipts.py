"""News of a message has come, perhaps late, twice or out of order: what is now true of it?"""

FAILURES = frozenset({"undelivered", "failed"})
"""It did not arrive."""
TERMINAL = FAILURES | {"delivered"}
_RANK = {
    "pending": 0,
    "sending": 0,
    "unknown": 0,
    "accepted": 1,
    "scheduled": 1,
    "queued": 1,
    "sent": 2,
    "delivered": 3,
    "undelivered": 3,
    "failed": 3,
}
_HEARD = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}
"""The provider's statuses in our words; what is not listed here is news we do not understand."""


def progress(current: str, heard: str) -> str:
    """The status after the news. It never goes back, and a terminal one never changes: Twilio does not promise
    any order. A status nobody knows changes nothing."""
    news = _HEARD.get(heard)
    if news is None or current in TERMINAL or _RANK[news] <= _RANK.get(current, 9):
        return current
    return news
