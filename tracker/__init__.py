"""Tracker: a promise to a customer is a record that cannot be forgotten.

The words, one per thing, in code, on pages and in the API alike:

commitment   one promise made to one customer: what, to whom, by when, by whom
due_at       the time promised now; first_due_at: the time promised first, which never changes
revision     one open change of due_at; due_version counts them, starting at 1
owner        the one agent who answers for it
team         people with one calendar, one ladder and one sender
ladder       the ordered steps a commitment climbs until it is closed; frozen into it when it is made
next_step_at when the next step fires; null once closed
attempt      one try to reach the customer, with a disposition
outcome      how it ended
verdict      what that was worth, derived from the evidence alone, never typed in
message      one text in or out; the outgoing ones are the outbox
dispatch     one try to hand a message to the provider
receipt      what the provider said became of it
event        one line of a commitment's append-only history

Reading order: policy/outcomes and policy/ladder (the rules), model (the rows), commitments (what people do),
escalation (what happens by itself), delivery (what leaves the house), wiring (how it is put together).
"""
