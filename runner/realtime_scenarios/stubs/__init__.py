"""What a tool answers, one function a kind. Reading a scenario needs little of it, so nothing is imported here."""
