"""The pages: what people at an organisation see and do, over the node's own commands.

Rendered by the server, usable without JavaScript. A page reads and acts through the same
commands as the command line (`node.commands`), so that there is one way of doing a thing;
what is added here is who may (`node.users.policy`), words, and the look.

They listen on a port of their own, never on that of the peers.
"""
