"""Lambda entry points: one module per function of the template, and wiring.py."""

import gc

gc.set_threshold(50_000)
"""What is imported stays: looking through it for garbage again and again is up to a tenth of a cold start."""
