"""The processes in which dialogues are played: a zygote that has imported the SDK, and the workers that it forks."""
