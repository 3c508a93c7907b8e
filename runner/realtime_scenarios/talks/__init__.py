"""Conversations that live between commands: a process that holds one, and what is said to it.

`held.py` is the conversation, `keeper.py` the process around it, `desk.py` the end of a command, which imports no SDK,
and `mcp.py` the same for clients of the Model Context Protocol.
"""
