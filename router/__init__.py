"""The domain: messages, conversations, matching and the use cases. Values in, values out; no I/O but through arguments."""
