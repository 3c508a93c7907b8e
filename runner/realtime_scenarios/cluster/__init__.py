"""Dialogues that are played by the workers of a cluster of dask, in place of processes of the command."""
