"""A scenario in which a caller is asked for something, and something needs a yes."""

PARCELS = """\
scenario: parcels
start: desk
context: {number: {type: [string, "null"], default: null}}
agents:
  desk: {instructions: Find out the number of the parcel., tools: [track, refund]}
tools:
  track:
    description: Look up where a parcel is.
    examples: [Where is my parcel?]
    parameters: {number: string}
    returns: The parcel is in Lyon.
    set: {number: args.number}
  refund:
    description: Give the money back.
    examples: [I want my money back]
    parameters: {}
    approval: {fields: {pin: {label: PIN, secret: true}}, timeout: 60s}
    returns: The money is on its way.
dialogues:
"""
