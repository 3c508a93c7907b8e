"""Rules about prompts, states and what stands around them: what a voice model will stumble over."""


def is_about_prompts(code: str) -> bool:
    """Whether the rule with this code is about what a model reads: one of this package, or of those that look for
    tools, secrets and dates in instructions."""
    return code.startswith("SC6") or code in ("SC505", "SC506", "SC507", "SC508", "SC509")
