"""Where `exceptions` is looked for."""
