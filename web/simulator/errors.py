"""Which code, status and sentence does Twilio answer when it refuses?

The codes are Twilio's (https://www.twilio.com/docs/api/errors); the sentences are ours, because Twilio's
change and nobody should match on them.
"""

_REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "The request holds a parameter that cannot be read: {value}"),
    20003: (401, "Authentication failed: account SID or auth token is wrong"),
    20009: (409, "The message is not finished; wait for a final status first: {value}"),
    20404: (404, "Nothing was found at {value}"),
    20429: (429, "Too many requests at once"),
    20500: (500, "Internal server error"),
    20503: (503, "Service unavailable"),
    21211: (400, "The 'To' number {value} is not one that a text can be sent to"),
    21212: (400, "The 'From' value {value} is not a phone number, short code or sender name"),
    21408: (400, "Texts to the region of {value} are not enabled for this account"),
    21602: (400, "A message needs a body"),
    21603: (400, "A message needs a 'From' number or a Messaging Service"),
    21604: (400, "A message needs a 'To' number"),
    21606: (400, "The 'From' number {value} is not an SMS-capable number of this account"),
    21609: (400, "The 'StatusCallback' address is not valid: {value}"),
    21610: (400, "The recipient {value} has opted out of texts from this sender"),
    21611: (429, "The queue of the 'From' number {value} is full"),
    21612: (400, "The number {value} cannot be reached by text from this sender"),
    21614: (400, "The 'To' number {value} is not a mobile number"),
    21617: (400, "The body is longer than 1,600 characters"),
    21705: (400, "The Messaging Service {value} is not valid"),
    30012: (400, "ValidityPeriod must be between 1 and 36000 seconds, not {value}"),
    30409: (409, "Only a scheduled message can be cancelled; this one is {value}"),
    35111: (400, "A scheduled message needs both ScheduleType=fixed and SendAt"),
    35114: (400, "SendAt must be an ISO 8601 time between 15 minutes and 35 days ahead, not {value}"),
}

DELIVERY_ERRORS: dict[int, str] = {
    21610: "Recipient opted out",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Handset unreachable",
    30004: "Message blocked",
    30005: "Number unknown or no longer in use",
    30006: "Landline, or a carrier that cannot be reached",
    30007: "Filtered by the carrier",
    30008: "Unknown error at the carrier",
    30036: "Validity period ran out",
}


class TwilioError(Exception):
    """A refusal. An unknown code is answered as a plain 400, as Twilio's next new code would be."""

    def __init__(self, code: int, value: object = "") -> None:
        self.code = code
        self.status, sentence = _REFUSALS.get(code, (400, "The request was refused"))
        super().__init__(sentence.format(value=value))

    def as_json(self) -> dict[str, object]:
        """The body of the answer, in the four fields that Twilio's 2010 API has."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
