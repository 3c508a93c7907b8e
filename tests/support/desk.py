"""A desk with one tool and three dialogues, of which one fails and holds a secret."""

SCENARIO = """\
scenario: desk
start: main
context:
  pin: {type: [string, "null"], default: null, secret: true}
agents:
  main: {name: Main Agent, instructions: Help., tools: [look_up]}
tools:
  look_up: {description: Looks something up., parameters: {what: string}, returns: "Found {{ args.what }}."}
"""
DIALOGUES = """\
scenario: ../desk.yaml
dialogues:
  - id: good
    tags: [easy]
    turns:
      - {user: What about cats?, agent: [{call: look_up, args: {what: cats}}, {say: Cats.}]}
  - id: bad
    context: {pin: hunter2}
    turns:
      - user: What about hunter2?
        agent: [{say: Nothing.}]
        expect:
          - called: look_up
  - id: other
    turns:
      - {user: Hello., agent: [{say: Hello.}]}
"""
