"""What the node keeps: the encrypted database and the encrypted blobs. No business rules."""
