"""One module per command group. Each offers `register(app)`; its heavy imports stand inside the commands, not at the top."""
