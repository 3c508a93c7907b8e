"""Names and openings of lines by which the stand-in knows what it reads; a test holds them to who writes them."""

SET_STATE_TOOL = "set_conversation_state"
"""The function that moves on between states."""

SAY_EXACTLY = "Say exactly these words, and nothing else: "
"""How the instructions of a response begin whose words are given."""

ALREADY_KNOWN = "Already known, do not ask again: "
"""How the line begins of what need not be found out any more."""
