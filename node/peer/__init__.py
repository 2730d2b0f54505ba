"""The peer API: server, client, and the delivery worker."""
