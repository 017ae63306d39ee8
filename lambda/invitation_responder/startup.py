"""The start of a function: what it loads stays for good, so that nobody needs to look for garbage in it.

Each entry imports this module before anything else, and calls `finish` when everything is loaded.
"""

import gc

gc.disable()


def finish() -> None:
    """Collect garbage from now on, but never look at what is there already."""
    gc.freeze()
    gc.enable()
