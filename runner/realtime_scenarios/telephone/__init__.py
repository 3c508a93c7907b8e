"""Scenarios on the telephone: Twilio's Media Streams, and calls that OpenAI takes by SIP."""
