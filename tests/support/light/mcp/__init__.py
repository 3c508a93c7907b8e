"""As much of the package `mcp` as a small server needs: it starts in a tenth of the time."""
