"""Lambda entry points: one module per function of the template, and wiring.py."""
