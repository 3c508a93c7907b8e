from mcp.server import MCPServer

server = MCPServer("counter")
calls = 0
SEEN: dict[str, int] = {}
PRICES = {"tea": 2}


@server.tool()
def count(name: str) -> str:
    """Count."""
    global calls
    calls += 1
    SEEN[name] = SEEN.get(name, 0) + 1
    prices = dict(PRICES)
    prices["tea"] = 3
    return str(calls)


if __name__ == "__main__":
    server.run()
