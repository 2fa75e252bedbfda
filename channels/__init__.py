"""One file per channel: how it is verified, read, written and what its answers mean."""
