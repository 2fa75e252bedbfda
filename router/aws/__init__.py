"""The only folder that talks to AWS: the table, queues, blobs, sockets and secrets."""
