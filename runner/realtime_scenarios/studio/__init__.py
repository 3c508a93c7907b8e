"""The studio: a web page to see, talk to, record and test a scenario, and the server behind it."""
