"""What a tool raises to fail with a message."""


class ToolError(Exception):
    """The tool failed, in words for the model."""
