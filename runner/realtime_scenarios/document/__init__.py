"""YAML text to checked data that remembers where everything stood."""

from realtime_scenarios.document.check import check
from realtime_scenarios.document.checked import read_checked
from realtime_scenarios.document.codes import CODES, Code, finding
from realtime_scenarios.document.place import Place, Pointer
from realtime_scenarios.document.reader import Document, read, read_text

__all__ = ["CODES", "Code", "Document", "Place", "Pointer", "check", "finding", "read", "read_checked", "read_text"]
