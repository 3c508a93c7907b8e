"""What git knows of a folder, such as that which a command is given in. Nothing here changes anything in it."""

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
    commit = commit_of(revision, folder)
    archive = _git(folder, "archive", "--format=tar", commit)
    if archive is None:
        raise UsageError(f"nothing of this folder is in '{revision}'", hint="was it added later?")
    _unpack(archive, into)
    return commit


def commit_of(revision: str, folder: Path) -> str:
    """The full name of the commit that a revision is, in the repository that `folder` is in.

    Raises:
        UsageError: there is no such revision, or no repository.
        ScenarioError: git is not there, or takes too long.
    """
    if revision.startswith("-"):
        raise UsageError(f"'{revision}' is no revision")
    name = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if name is not None:
        return name.decode().strip()
    shallow = _git(folder, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        raise UsageError(f"'{folder}' is in no git repository", hint="give this command in one")
    if shallow.strip() == b"true":
        hint = "this clone is shallow: `git fetch --unshallow`, or fetch-depth: 0 in a workflow"
        raise UsageError(f"git knows no revision '{revision}' here", hint=hint)
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        raise UsageError(
            "nothing is committed in this repository", hint="commit first: there is nothing to compare with"
        )
    raise UsageError(f"git knows no revision '{revision}'", hint="a branch, a tag or a commit: main, HEAD~1")


def is_in_repository(folder: Path) -> bool:
    """Whether git knows a repository there that it trusts.

    Raises:
        ScenarioError: git is not there, or takes too long.
    """
    return _git(folder, "rev-parse", "--git-dir") is not None


def line_about(commit: str, folder: Path) -> str:
    """A commit as people know it: its short name, its day and its subject.

    Raises:
        ScenarioError: git is not there, or takes too long.
    """
    told = _git(folder, "show", "--no-patch", "--format=%h, %cs: %s", "--end-of-options", commit)
    return commit[:10] if told is None else told.decode("utf-8", "replace").strip()


def changed_files(commit: str, folder: Path) -> frozenset[Path]:
    """The files of the repository around a folder that are not as in a commit: changed, new, or gone.

    What git ignores is not among them.

    Raises:
        ScenarioError: git takes too long, or cannot tell.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    root = Path(top.decode("utf-8", "surrogateescape").rstrip("\n")) if top is not None else folder
    listings = (
        _git(root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit),
        _git(root, "ls-files", "--others", "--exclude-standard", "-z"),
    )
    if any(listing is None for listing in listings):
        raise ScenarioError(f"git cannot tell what has changed since '{commit}'")
    names = [name for listing in listings if listing for name in listing.decode("utf-8", "surrogateescape").split("\0")]
    return frozenset((root / name).resolve() for name in names if name)


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
