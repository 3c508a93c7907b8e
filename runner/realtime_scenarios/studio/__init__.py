"""The studio: a scenario seen, talked to, approved and recorded in a browser on this machine."""
