"""What does Twilio do with our texts, and what would it do on its worst day?

A stand-in for Twilio's Messages API on loopback, for development and tests. It speaks Twilio's HTTP, calls
our webhooks with signed requests, keeps phones that can answer, and breaks in the ways that tests order. It
is a foreign service that happens to live in this repository: it imports nothing of tracker, and nothing of
tracker may import anything of it but the names below.

Reading order: message (the words), state (what can happen to a text), core (what Twilio does, in order),
api (how it answers), webhooks (how it calls), faults and answers (how it breaks), phones (the page).
"""

from web.simulator.faults import Fault, FaultKind, On
from web.simulator.server import SimulatorServer
from web.simulator.settings import SimulatorSettings
from web.simulator.state import Condition

__all__ = ["Condition", "Fault", "FaultKind", "On", "SimulatorServer", "SimulatorSettings"]
