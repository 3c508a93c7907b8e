from mcp.server import MCPServer

server = MCPServer("prices")
PRICES = {"tea": 2}


@server.tool()
def price(name: str) -> str:
    """Tell a price."""
    found = dict(PRICES)
    found.pop("coffee", None)
    return str(found.get(name))


if __name__ == "__main__":
    server.run()
