"""One module per command group. Each offers `register(app)`; heavy imports stand inside the commands."""
