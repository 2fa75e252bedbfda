"""A morning of a real centre, for what reads history."""

from tests.kit.kept_morning import kept_morning, morning  # noqa: F401
