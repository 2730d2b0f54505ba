"""The node's own figures, counted from what is stored; nobody types them."""
