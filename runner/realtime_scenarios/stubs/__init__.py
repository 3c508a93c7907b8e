"""What a tool answers, one file a kind: the modules imported here are the catalogue.

Reading a scenario needs the kinds, but not what their answers need: that is imported by the calls themselves.
"""

from realtime_scenarios.stubs import cases as cases
from realtime_scenarios.stubs import catalogue as catalogue
from realtime_scenarios.stubs import http as http
from realtime_scenarios.stubs import model as model
from realtime_scenarios.stubs import nothing as nothing
from realtime_scenarios.stubs import python as python
from realtime_scenarios.stubs import query as query
from realtime_scenarios.stubs import returns as returns
from realtime_scenarios.stubs import sequence as sequence
from realtime_scenarios.stubs import supervisor as supervisor
