"""The web application in which a scenario is talked to, seen, written and tested."""
