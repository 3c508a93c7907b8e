"""What a model is told of what it has not heard: of sounds, where it reads, of a person's no, of what was before."""

SILENCE = "(The caller says nothing.)"
"""Where the model is to speak though nobody has spoken to it: chat templates want somebody to have the word before."""

UNHEARD = "(The caller said something that could not be made out.)"

LOST_WITH_THE_LINE = "The line was lost while this was at work. Nobody knows whether it was done."
"""Stands for the output of a call whose answer had nowhere to go."""

LOST_UNAPPROVED = "The line was lost before anybody had approved this. It was not done."
"""Stands for the output of a call that nobody had said yes to when its answer had nowhere to go any more."""

NO_ANSWER_YET = "(No answer has come yet.)"
"""Stands for the output of a call that is still at work: every call in a chat has one."""

REJECTED = "A person was asked and said no. Do not do this; offer to help with something else."
"""What the model reads in place of an answer where the rule has no words of its own."""

NOBODY_ANSWERED = "A person was asked and did not answer in time. Do not do this; offer to help with something else."


def picture_shown(name: str) -> str:
    """Stands for a picture that cannot be shown again."""
    return f"(The caller showed a picture: {name}.)"
