"""The tests, and what must be so before anything of theirs is imported."""

import gc

# Little of what is imported or what a test makes is garbage in a circle; looking for it took a tenth of the time.
gc.set_threshold(100_000, 50, 100)
