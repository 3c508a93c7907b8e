"""A desk with states of which its two dialogues meet one half."""

SCENARIO = """\
scenario: desk
start: main
agents:
  main:
    name: Main Agent
    instructions: Help.
    tools: [look_up, write_down]
    handoffs: [bills]
    states_mode: tracked
    states:
      - {id: asking, description: Ask., transitions: [{to: helping, when: It is known.}, {to: leaving, when: Enough.}]}
      - {id: helping, description: Help.}
      - {id: leaving, description: Part., terminal: true}
  bills: {name: Bills, instructions: Explain., handoff_description: Bills.}
tools:
  look_up: {description: Looks something up., returns: Found.}
  write_down: {description: Writes something down., returns: Done.}
"""
DIALOGUES = """\
scenario: ../desk.yaml
dialogues:
  - id: found
    turns: [{user: Look it up., agent: [{call: look_up}, {state: helping}, {say: Found.}]}]
  - id: other
    turns: [{user: Hello., agent: [{say: Hello.}]}]
"""
