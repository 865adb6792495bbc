"""Which program is calling? A bearer token stands for one person, and may do what that person may do on the pages.

It is signed with our key and with the person's session key, so a new password ends it. Cookies count for nothing
here: what no browser sends by itself needs no protection against forged forms.
"""

from hashlib import sha256
from typing import cast

from flask import g, request
from itsdangerous import BadSignature, Signer
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from tracker.model import Person
from web.context import house
from web.forms import number
from web.i18n import speak

CHALLENGE = WWWAuthenticate("bearer", {"realm": "Tracker"})


def token_for(person: Person, key: str) -> str:
    """What a program sends to act for that person. `key`: the secret of this installation."""
    return _signer(person, key).sign(str(person.id)).decode()


def admit() -> None:
    """Note who is calling, for the rest of this request. Raises Unauthorized."""
    speak("en")
    person = bearer()
    if person is None:
        raise Unauthorized(www_authenticate=CHALLENGE)
    g.caller = person
    speak(person.language)


def bearer() -> Person | None:
    """Whose token came with this request; None without one that is good."""
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        return None
    claimed = number(sent.token.partition(".")[0])
    asked = select(Person).where(Person.id == claimed, Person.active).options(joinedload(Person.team))
    with house().readers.begin() as session:
        person = session.scalar(asked) if claimed is not None else None
    if person is None:
        return None
    try:
        _signer(person, house().settings.signing_key).unsign(sent.token)
    except BadSignature:
        return None
    return person


def caller() -> Person:
    """Who is calling, as they were when the request came; for reading."""
    return cast(Person, g.caller)


def acting(session: Session) -> Person:
    """Who is calling, as a row of this session: for operations."""
    return session.get_one(Person, caller().id, options=[joinedload(Person.team)])


def _signer(person: Person, key: str) -> Signer:
    salt = f"api token {person.session_key}"
    return Signer(key, salt=salt, key_derivation="hmac", digest_method=sha256)
