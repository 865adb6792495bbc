"""Who keeps the tests from reaching beyond this machine?

An audit hook: unlike a replaced `socket` class it also sees names being looked up, datagrams, fixtures, and
what is done before and after a test. It sees this process only; the browser has a rule of its own.
"""

import socket
import sys
from typing import Any

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
USES = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}


class NetworkUseError(BaseException):
    """A test tried to leave this machine.

    No `Exception`: code under test that copes with a failing provider would cope with this, and stay green.
    """


def forbid_network() -> None:
    """From now on, for as long as the process lives, only loopback and Unix sockets can be used."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in LOOKUPS:
        host = arguments[0]
    elif event in USES and isinstance(arguments[1], tuple):  # the address of a Unix socket is a path
        host = arguments[1][0]
    else:
        return
    if event in LOOKUPS and str(host).endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")  # what RFC 6761 has every resolver answer
    if isinstance(host, str) and host not in LOOPBACK:
        raise NetworkUseError(f"{event} with {host!r}: the tests may not leave this machine")
