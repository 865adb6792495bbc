"""What can be typed: `tracker COMMAND`."""

import sys


def main() -> int:
    """Run the one command there is so far."""
    from tracker.commands import testing

    return testing.run(sys.argv[2:])
