"""A desk with variables of several types and a table, whose conversations may begin with others."""

SCENARIO = """\
scenario: seats
start: main
context:
  name: {type: [string, "null"], default: null, pattern: "^[A-Z]", description: Who calls.}
  tries: {type: integer, default: 0, minimum: 0}
  class: {enum: [economy, business], default: economy}
  pin: {type: [string, "null"], default: null, pattern: "^[0-9]+$", secret: true}
data:
  bookings:
    columns: {id: INTEGER PRIMARY KEY, seat: TEXT NOT NULL UNIQUE, fare: REAL}
    rows: [{id: 1, seat: 9A, fare: 80.5}, {id: 2, seat: 3B, fare: null}]
agents:
  main: {name: Main Agent, instructions: "Help {{ context.name }}.", tools: [seats]}
tools:
  seats: {description: All seats., query: SELECT seat FROM bookings ORDER BY id}
"""
