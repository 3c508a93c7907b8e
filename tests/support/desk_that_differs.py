"""A desk with dialogues whose expectations fail, each by what happened instead."""

SCENARIO = """\
scenario: desk
start: main
context:
  name: {type: [string, "null"], default: null}
  pin: {type: [string, "null"], default: null, secret: true}
data:
  bookings: {columns: {id: INTEGER, seat: TEXT}, rows: [{id: 1, seat: 9A}]}
agents:
  main:
    name: Main Agent
    instructions: Help.
    handoff_description: All else.
    tools: [look_up, book, sign_in]
    handoffs: [bills]
    states_mode: tracked
    states: [{id: asking, description: Ask., transitions: [{to: helping, when: Known.}]}, {id: helping, description: Help.}]
  bills: {name: Bills, instructions: Explain., handoff_description: Bills., handoffs: [main]}
tools:
  look_up: {description: Looks up., parameters: {what: string, how: string}, returns: "Found {{ args.what }}."}
  book:
    description: Books a seat.
    parameters: {seat: string}
    query: UPDATE bookings SET seat = :seat
    set: {name: args.seat}
  sign_in: {description: Signs in., parameters: {code: string}, returns: Welcome., set: {pin: args.code}}
"""
DIALOGUES = """\
# What the desk does.
scenario: ../desk.yaml
dialogues:
  - id: differs
    turns:
      - user: Look it up.
        agent:
          - call: look_up
            args: {what: "cats, and dogs", how: soon}
          - state: helping
          - say: "Found: cats, and dogs."
        expect:
          - agent: bills   # who is it?
          - state: asking
          - handoff: bills
          - called: {tool: look_up, args: {what: birds, how: soon}}
          - called: {tool: look_up, returns: {contains: birds}}
          - called: {tool: look_up, times: 2}
          - called: book
          - not_called: look_up
          - said: Found birds.
          - never_said: cats
          - responses: {at_most: 1}
          - took: {at_least: 90s}
      - user: Book it.
        agent: [{call: book, args: {seat: 12C}}, {handoff: bills}, {say: Booked.}]
        expect:
          - handoff: none
          - context:
              name: 9A       # before
          - data: {query: SELECT seat FROM bookings, returns: 9A}
          - {agent: main}
    expect:
      - handoff: {to: main}
  - id: secret
    turns:
      - user: My code is hunter2.
        agent: [{call: sign_in, args: {code: hunter2}}, {say: You said hunter2.}]
        expect:
          - said: You said nothing.
          - context: {pin: null}
  - id: many
    each: [{what: cats}, {what: dogs}]
    turns:
      - user: "<what>"
        agent: [{say: "Yes, <what>."}]
        expect: [{agent: bills}]
  - id: shared
    turns:
      - {user: Hello., agent: [{say: Hello.}], expect: [{agent: &who bills}]}
      - {user: Hello., agent: [{say: Hello.}], expect: [{handoff: none}, {agent: *who}]}
"""
