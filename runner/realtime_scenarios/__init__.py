"""Voice agents as YAML: read, prove, rehearse, run and regression-test OpenAI Realtime scenarios."""
