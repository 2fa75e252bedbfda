"""One module, or package, per command group. Each offers `register(app)`; heavy imports stand inside the commands."""
