"""Where the further recordings of make_more_recordings.py come from: public repositories at pinned commits, and who speaks.

A clone may have a work tree or be bare; only `git` reads it, so that the bytes are those of the pinned commit.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

AUDIO_ENDINGS = (".mp3", ".wav", ".flac", ".ogg", ".m4a")


class SourceError(ValueError):
    """A clone is missing, or does not hold the pinned commit."""


@dataclass(frozen=True)
class Recording:
    """One file of a source, not read yet; texts are empty where the source does not say.

    Attributes:
        path: in the repository, with forward slashes.
        speaker: unique over all sources; empty for noise.
        label: language of speech, family or class of noise.
    """

    path: str
    speaker: str = ""
    gender: str = ""
    label: str = ""
    transcript: str = ""


class Clone:
    """Reads files of one commit out of a local clone; close it, or use `with`.

    Raises:
        SourceError: no clone of this repository in the folder has the commit.
    """

    def __init__(self, folder: Path, repository: str, commit: str):
        owner, name = repository.split("/")
        places = [folder / f"{owner}+{name}" / "repo", folder / f"{owner}+{name}", folder / owner / name, folder / name]
        found = [p for place in places for p in (place / ".git", place) if _has(p, commit)]
        if not found:
            raise SourceError(
                f"Expected a clone of github.com/{repository} with commit {commit[:12]} in {folder} as {name} or "
                f"{owner}+{name}, found none. Clone it there, or leave the source out with --only."
            )
        self._git, self._commit = found[0], commit
        self._reader = subprocess.Popen(
            ["git", "-C", str(self._git), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Clone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the reading process."""
        assert self._reader.stdin and self._reader.stdout
        self._reader.stdin.close()
        self._reader.wait()
        self._reader.stdout.close()

    def paths(self, under: str = "") -> list[str]:
        """All paths of the commit that begin with `under`, in git's order."""
        output = subprocess.run(
            ["git", "-C", str(self._git), "ls-tree", "-r", "-z", "--name-only", self._commit],
            capture_output=True, check=True,
        ).stdout
        return [p for p in output.decode("utf-8", "replace").split("\0") if p and p.startswith(under)]

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where the clone lacks it, as one without its largest files does."""
        assert self._reader.stdin and self._reader.stdout
        self._reader.stdin.write(f"{self._commit}:{path}\n".encode())
        self._reader.stdin.flush()
        header = self._reader.stdout.readline().rsplit(b" ", 2)
        if len(header) < 3 or header[1] != b"blob":
            return None
        data = self._reader.stdout.read(int(header[2]))
        self._reader.stdout.read(1)
        return data


@dataclass(frozen=True)
class Source:
    """A row of the table.

    Attributes:
        name: the manifest's `source`.
        licence: the manifest's `licence`; `where` says which text states it for the sound itself.
        recordings: lists the files of a clone; noise sources name each file's licence in `licences` instead.
        longest_speaker_seconds: what one speaker may contribute.
        licences: path -> licence, for collections.
    """

    name: str
    repository: str
    commit: str
    kind: str
    licence: str
    where: str
    recordings: Callable[[Clone], Iterator[Recording]]
    longest_speaker_seconds: float = 1800.0
    licences: dict[str, str] | None = None


def common_voice(name: str, tables: str, clips: str) -> Callable[[Clone], Iterator[Recording]]:
    """Clips of Common Voice that stand in a table, each with its speaker.

    Args:
        name: the source, for the speakers' names.
        tables: regular expression of the tables' paths, such as those of the clips that two listeners confirmed.
        clips: folder of the clips beside a table.
    """

    def recordings(clone: Clone) -> Iterator[Recording]:
        paths = clone.paths()
        waiting = {p for p in paths if p.endswith(".mp3")}
        for table in (p for p in paths if re.fullmatch(tables, p)):
            folder = PurePosixPath(table).parent / clips
            for row in _rows(clone.read(table)):
                path = str(folder / row["path"])
                if path in waiting:
                    waiting.remove(path)
                    yield Recording(
                        path, f"{name}-{hashlib.sha256(row['client_id'].encode()).hexdigest()[:10]}",
                        {"m": "m", "f": "f"}.get((row.get("gender") or "")[:1], ""), row.get("locale") or "",
                        row.get("sentence") or "",
                    )

    return recordings


def common_voice_unheard(name: str, language: str) -> Callable[[Clone], Iterator[Recording]]:
    """Clips of Common Voice that nobody has confirmed or refused; each counts as a speaker of its own, none being named."""

    def recordings(clone: Clone) -> Iterator[Recording]:
        paths = clone.paths()
        tables = [p for p in paths if p.endswith(("/validated.tsv", "/invalidated.tsv"))]
        heard = {row["path"] for table in tables for row in _rows(clone.read(table))}
        for path in paths:
            if path.endswith(".mp3") and PurePosixPath(path).name not in heard:
                yield Recording(path, f"{name}-{PurePosixPath(path).stem.rsplit('_', 1)[-1]}", "", language)

    return recordings


def an4(clone: Clone) -> Iterator[Recording]:
    """Spelled names, numbers and dates; a speaker's folder begins with f or m."""
    texts = {}
    for table in ("etc/an4_train.transcription", "etc/an4_test.transcription"):
        for line in (clone.read(table) or b"").decode("latin-1").splitlines():
            if found := re.fullmatch(r"(?:<s> )?(.*?)(?: </s>)? \((.+)\)\s*", line):
                texts[found[2]] = found[1].strip().lower()
    for path in clone.paths("wav/"):
        if path.endswith(".wav"):
            folder, stem = path.split("/")[-2], PurePosixPath(path).stem
            yield Recording(path, f"an4-{folder}", folder[0], "en", texts.get(stem, ""))


def speech_commands(clone: Clone) -> Iterator[Recording]:
    """Words of one second; a file's name begins with its speaker."""
    for path in clone.paths("MLTK_keyworkSpotting/dataset/"):
        word = path.split("/")[-2]
        if found := re.fullmatch(r"([0-9a-f]{8})_nohash_\d+\.wav", path.rsplit("/", 1)[-1]):
            yield Recording(path, f"speech-commands-{found[1]}", "", "en", "" if word.startswith("_") else word)


def wake_words(clone: Clone) -> Iterator[Recording]:
    """Wake words by more than 50 speakers, whom the source does not name."""
    for path in clone.paths("audio/"):
        if path.count("/") == 2 and path.endswith(AUDIO_ENDINGS):
            yield Recording(path, "picovoice-wake-word-unknown", "", "en", path.split("/")[1])


def kathleen(clone: Clone) -> Iterator[Recording]:
    """Sentences by one speaker, each with its text beside it."""
    for path in clone.paths("data/"):
        if path.endswith(".wav"):
            text = (clone.read(path[:-4] + ".txt") or b"").decode("utf-8", "replace").strip()
            yield Recording(path, "rhasspy-kathleen", "f", "en", text)


def listed(labels: dict[str, str]) -> Callable[[Clone], Iterator[Recording]]:
    """Noises named one by one: path -> family."""

    def recordings(clone: Clone) -> Iterator[Recording]:
        del clone
        for path, label in labels.items():
            yield Recording(path, "", "", label)

    return recordings


def _rows(table: bytes | None) -> Iterator[dict[str, str]]:
    text = io.StringIO((table or b"").decode("utf-8", "replace"))
    yield from csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)


def _has(git: Path, commit: str) -> bool:
    if not git.is_dir():
        return False
    found = subprocess.run(["git", "-C", str(git), "cat-file", "-e", f"{commit}^{{commit}}"], capture_output=True)
    return found.returncode == 0
