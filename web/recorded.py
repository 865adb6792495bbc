"""How does a page say what the program once wrote into history? Rows keep it in English; here it is recognised.

What people and customers wrote is none of these sentences, and stays as they wrote it.
"""

import re
from collections.abc import Sequence
from functools import cache

from web.i18n import N_, _

SENTENCES: Sequence[str] = (
    # why a text did not leave, or waits
    N_("closed"),
    N_("it was opened again"),
    N_("a new time was agreed"),
    N_("somebody else answers for it now"),
    N_("somebody else calls now"),
    N_("too late to be useful"),
    N_("no phone number"),
    N_("that is our own number"),
    N_("quiet hours end too late for it to be useful"),
    N_("quiet hours where the customer is"),
    N_("taken back"),
    N_("one text said it for several promises"),
    N_("no texts: %(why)s"),
    N_("stop"),
    N_("dead"),
    N_("asked"),
    N_("the customer opted out of texts: call"),
    N_("the customer asked not to be texted: call"),
    N_("this number takes no texts: call"),
    N_("it could not be written: somebody who runs the system has to look"),
    N_("it may have been sent or not"),
    N_("it may have been sent or not: %(why)s"),
    N_("no clear answer: %(error)s"),
    N_("could not connect: %(error)s"),
    N_("the connection broke: %(error)s"),
    N_("an answer without a sid"),
    N_("answered %(status)s"),
    N_("too many requests"),
    N_("the worker was held up for too long"),
    N_("the number takes no texts"),
    N_("whoever has the number opted out"),
    N_("our account needs attention"),
    N_("the text is not acceptable"),
    N_("the provider is busy"),
    N_("the text was not delivered"),
    N_("the provider gave a code that nobody knows"),
    N_("%(name)s had it sent again"),
    N_("nobody knows whether it was sent; %(name)s left it at that"),
    N_("nobody knows whether it was sent: it is sent again"),
    N_("nobody knows whether it was sent: a person decides"),
    # notes
    N_("%(name)s had a text sent again that may have arrived before"),
    N_("%(name)s left a text alone that may not have arrived"),
    N_("this text was sent %(times)s times"),
    N_("it is not known whether a text reached the customer: decide what to do"),
    N_("%(name)s was told of it again"),
    N_("%(name)s gets no texts: %(why)s"),
    N_("%(why)s: call, do not text"),
    N_("its step failed and is tried again in 15 minutes"),
    N_("%(why)s, and nobody else is on duty"),
    N_("Opted out of texts: reminders no longer arrive on this phone."),
    N_("Takes texts again."),
    N_("Asked the provider for help."),
    # reasons of what happened by itself, or at the press of one button
    N_("still open, too late"),
    N_("it needs somebody now"),
    N_("the customer chose another time"),
    N_("the customer says it was not kept"),
    N_("%(name)s is away then"),
    N_("%(name)s has left"),
    # what the audit mended
    N_("It was closed with a step ahead: no step is ahead any more."),
    N_("It was open without exactly one step ahead: step %(step)s is the next one now."),
    N_("%(name)s is of another team: %(to)s answers for it now."),
    N_("%(name)s has left: %(to)s answers for it now."),
    # why a promise was thought to be at risk
    N_("only %(seen)s done so far: these odds are mostly what is usual elsewhere"),
    N_("%(done)s of %(whose)s last %(count)s %(what)s done within %(time)s; %(open)s open"),
    N_("%(length)s of working time"),
    *(N_("the team's"), N_("%(name)s's")),
    N_("promises of the kind %(kind)s"),
    *(N_("callbacks"), N_("answers"), N_("refunds"), N_("replacements"), N_("visits"), N_("other promises")),
    # what a customer said by pressing a button
    N_("We kept it."),
    N_("We did not keep it."),
    N_("We kept it. %(more)s"),
    N_("We did not keep it. %(more)s"),
    N_("%(score)s of 5 points."),
    N_("%(score)s of 5 points. %(comment)s"),
    N_("The customer takes texts again."),
    N_("The customer asked for no more texts: keep the promise by calling."),
    N_("The customer opted out of texts: keep the promise by calling."),
    N_("The customer asked for help; the provider has answered."),
    N_("The customer asks for a call now: %(words)s"),
    N_("This sounds like “stop texting me”; ask them: %(words)s"),
)
"""As `tracker` writes them; the longest that fits is meant."""
WORDS = ("error", "name", "to", "words", "comment")
"""Places in which somebody's name or words stand."""
VALUES = (
    *(
        N_("kept on time"),
        N_("kept as renegotiated"),
        N_("attempted on time"),
        N_("broken"),
        N_("not counted"),
    ),
    *(
        N_("promised"),
        N_("renegotiated"),
        N_("apology"),
        N_("handed_over"),
        N_("unreached"),
        N_("say_more"),
        N_("kept_it"),
        N_("reminder"),
        N_("due"),
        N_("escalation"),
        N_("yours_now"),
        N_("still_open"),
        N_("call_wanted"),
        N_("use_the_page"),
        N_("chosen"),
        N_("not_kept"),
        N_("uncovered"),
    ),
)
"""Verdicts and kinds of texts, as the audit names them."""
THEIRS = tuple(each for each in SENTENCES if each.startswith(("The customer ", "This sounds ")))
"""Of these, what stands beside the words of customers."""
PRESSED = ("it needs somebody now", "%(name)s is away then", "%(name)s has left")
"""And the reasons of hand-overs that follow from one press, where else somebody's own words stand."""


def recorded(text: str, among: Sequence[str] = SENTENCES) -> str:
    """The same in the language of the page, where the program wrote it; else as it stands."""
    for sentence in sorted(among, key=_literal, reverse=True):
        found = _shape(sentence).fullmatch(text)
        if found:
            return _(sentence, **{k: v if k in WORDS else recorded(v) for k, v in found.groupdict().items()})
    return text


def _literal(sentence: str) -> int:
    """How much of it is no place for something else."""
    return len(re.sub(r"%\(\w+\)s", "", sentence))


@cache
def _shape(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", sentence)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)), re.DOTALL
    )
