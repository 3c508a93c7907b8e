"""`python -m realtime_scenarios`: the command line."""

from realtime_scenarios.cli.main import main

main()
