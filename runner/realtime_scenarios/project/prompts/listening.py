"""What a model that reads, in place of one that hears, is told of what is no text."""

SILENCE = "(The caller says nothing.)"
"""Where the model is to speak though nobody has spoken to it: chat templates want somebody to have the word before."""

UNHEARD = "(The caller said something that could not be made out.)"

NO_ANSWER_YET = "(No answer has come yet.)"
"""Stands for the output of a call that is still at work: every call in a chat has one."""
