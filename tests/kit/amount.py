"""How often what is drawn by chance is tried: a quarter of the times in `make test`, all of them in `make soak`."""

import os

THOROUGH = bool(os.environ.get("SANTRAL_THOROUGH"))


def times(thorough: int) -> int:
    """So many times in `make soak`."""
    return thorough if THOROUGH else max(1, thorough // 4)
