"""Which texts does our answer to the inbound webhook ask for?

https://www.twilio.com/docs/messaging/twiml: <Response> holds any number of <Message>, the words either in
it or in a <Body> below it. An answer of text/plain is itself a text to the sender: an innocent "OK" is sent
and paid for.
"""

from xml.etree import ElementTree

from web.simulator.webhooks import Answer

_LARGEST = 64 * 1024


class TwimlError(Exception):
    """The answer cannot be understood. code is that of Twilio's debugger."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio's debugger would show {code}")
        self.code = code


def texts(answer: Answer) -> list[str]:
    """The bodies to send back, in order. Raises TwimlError."""
    if len(answer.body.encode()) > _LARGEST:
        raise TwimlError(11750)
    if not answer.body.strip():
        return []
    if answer.content_type.startswith("text/plain"):
        return [answer.body]
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314 - our own webhook's answer, at most 64 kB
    except ElementTree.ParseError:
        raise TwimlError(12100) from None
    if root.tag != "Response":
        raise TwimlError(12100)
    bodies = (
        "".join(message.findtext("Body") or message.text or "").strip() for message in root.iter("Message")
    )
    return [body for body in bodies if body]
