"""What git knows of the folder that a command is given in. Nothing here changes anything in it."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from realtime_scenarios.core import ScenarioError, UsageError

_PATIENCE = 60


def revision_of(folder: Path) -> str | None:
    """The short name of the commit that is checked out; None: there is none, or git is not there."""
    try:
        found = _git(folder, "rev-parse", "--short=10", "HEAD")
    except (ScenarioError, OSError):
        return None
    return found.decode().strip() or None if found is not None else None


def files_at(revision: str, folder: Path, into: Path) -> str:
    """Write the files of `folder` as they were in a revision into another folder; the revision's full name.

    Raises:
        UsageError: there is no such revision, no repository, or nothing of the folder in it.
        ScenarioError: git is not there, or takes too long.
    """
    if revision.startswith("-"):
        raise UsageError(f"'{revision}' is no revision")
    name = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if name is None:
        if _git(folder, "rev-parse", "--git-dir") is None:
            raise UsageError(f"'{folder}' is in no git repository", hint="give this command in one")
        raise UsageError(f"git knows no revision '{revision}'", hint="a branch, a tag or a commit: main, HEAD~1")
    commit = name.decode().strip()
    archive = _git(folder, "archive", "--format=tar", commit)
    if archive is None:
        raise UsageError(f"nothing of this folder is in '{revision}'", hint="was it added later?")
    _unpack(archive, into)
    return commit


def _unpack(archive: bytes, into: Path) -> None:
    """Write the files of an archive below a folder; links are left out that would lead out of it."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            there = into / member.name
            if not there.resolve().is_relative_to(into.resolve()):
                continue
            if member.isdir():
                there.mkdir(parents=True, exist_ok=True)
            elif member.isfile() and (content := tar.extractfile(member)) is not None:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_bytes(content.read())
                there.chmod(0o700 if member.mode & 0o100 else 0o600)
            elif member.issym() and (there.parent / member.linkname).resolve().is_relative_to(into.resolve()):
                there.parent.mkdir(parents=True, exist_ok=True)
                there.symlink_to(member.linkname)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None: it refuses.

    Raises:
        ScenarioError: git is not there, or takes too long.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise ScenarioError("git is not there", hint="install it") from None
    except subprocess.TimeoutExpired:
        raise ScenarioError(f"git has not answered for {_PATIENCE} s") from None
    return done.stdout if done.returncode == 0 else None
