"""Makes a further corpus folder of real speech by many people, and of noise, out of clones of public repositories.

The folder gets manifest.csv in the corpus' format (16 kHz mono FLAC, all rows `train`), examined.csv with what was
measured and what became of every file looked at, and attribution.csv with repository, commit and licence of each source.
Speech is kept when it is as clean as LibriSpeech: see the thresholds below. Can be stopped and started again at any time.
The clones are made beforehand, `git clone https://github.com/OWNER/NAME` for each row of SOURCES, into one folder;
another source is another row of `sotto_models/recording_table.py`.

Example:
    python make_more_recordings.py --clones ~/clones --out ~/.cache/sotto/more/corpus
    python make_more_recordings.py --out ~/.cache/sotto/more/corpus --json ../../more-recordings.json --json-only
    python ../../enhance-conv-fsenet/train.py --voices ~/.cache/sotto/more/corpus
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import io
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

import numpy as np
import soundfile
from scipy import signal as scipy_signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.corpus import PERMISSIVE_LICENCES  # noqa: E402
from sotto_models.recording_quality import Quality, measure, without_outer_silence  # noqa: E402
from sotto_models.recording_sources import Clone, Recording, Source  # noqa: E402
from sotto_models.recording_table import SOURCES  # noqa: E402

CORPUS_RATE_HZ = 16_000
NOISE_PIECE_SECONDS = 10.0
SHORTEST_SECONDS, LONGEST_SPEECH_SECONDS = 0.5, 30.0
LOWEST_SNR_DB = 32.0
"""What 10 % of the corpus' LibriSpeech clips stay below."""
LOWEST_BANDWIDTH_HZ = 6300.0
LARGEST_CLIPPED_SHARE = 5e-4
FAINTEST_PEAK, FAINTEST_NOISE_PEAK = 0.02, 0.004
COLUMNS = (
    "path", "kind", "source", "licence", "speaker", "gender", "label", "transcript", "duration_s", "sample_rate", "split",
)
EXAMINED = ("source", "file", "outcome", "path", "snr_db", "bandwidth_hz", "clipped_share")


def decode(data: bytes) -> tuple[np.ndarray, int]:
    """Any recording as mono float32 at its own rate, (samples,); the channels' mean.

    Raises:
        ValueError: neither libsndfile nor ffmpeg can read it.
    """
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        # Not through a pipe: an m4a keeps its index at the end.
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            command = ["ffmpeg", "-v", "error", "-i", f"file:{file.name}", "-map", "0:a:0", "-f", "wav", "-c:a", "pcm_f32le"]
            done = subprocess.run([*command, "pipe:1"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode or len(done.stdout) < 100:
            raise ValueError(f"Expected a recording, found {len(data)} bytes nobody can read.") from None
        samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)
    return samples.mean(1), int(rate)


def fault_of_speech(quality: Quality, seconds: float) -> str:
    """Why speech of this quality is not clean enough to be a target; empty when it is."""
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SPEECH_SECONDS:
        return "length"
    if quality.peak < FAINTEST_PEAK:
        return "faint"
    if quality.clipped_share > LARGEST_CLIPPED_SHARE:
        return "clipped"
    if quality.bandwidth_hz < LOWEST_BANDWIDTH_HZ:
        return "narrow"
    return "noisy" if quality.snr_db < LOWEST_SNR_DB else ""


def pieces_of_noise(samples: np.ndarray, rate_hz: int) -> list[np.ndarray]:
    """Consecutive pieces of at most 10 s; a rest below 3 s is left out unless it is all there is."""
    size = int(NOISE_PIECE_SECONDS * rate_hz)
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    return pieces[:-1] if len(pieces) > 1 and len(pieces[-1]) < 3 * rate_hz else pieces


class Collection:
    """The growing folder: what is in it, and what has been looked at."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # Two runs at once would each take the other's unfinished rows for what an interruption left.
        self._lock = open(folder / ".lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"Expected {folder} for this run alone, found another one at work. Wait for it.") from None
        examined, self.rows = _read(folder / "examined.csv"), _read(folder / "manifest.csv")
        both = {row["path"] for row in examined} & {row["path"] for row in self.rows} | {""}
        # A file whose clips and examination do not match was interrupted; all of it is made again.
        stray = {_piece_of(row["path"]) for row in self.rows if row["path"] not in both}
        broken = {(row["source"], row["file"]) for row in examined
                  if row["path"] not in both or _piece_of(row["path"]) in stray}
        kept = [row for row in examined if (row["source"], row["file"]) not in broken]
        paths = {row["path"] for row in kept}
        if broken or stray:
            self.rows = [row for row in self.rows if row["path"] in paths]
            _write(folder / "manifest.csv", COLUMNS, self.rows)
            _write(folder / "examined.csv", EXAMINED, kept)
            print("What an interrupted run left is made again.", file=sys.stderr)
        self.done = {(row["source"], row["file"]) for row in kept}
        self.spoken: dict[str, float] = defaultdict(float)
        for row in self.rows:
            self.spoken[row["speaker"]] += float(row["duration_s"])

    def close(self) -> None:
        """Lets another run have the folder."""
        self._lock.close()

    def take(self, source: Source, recording: Recording, data: bytes | None) -> str:
        """Examines one file, writes its clips and rows, and says what became of it."""
        if (source.name, recording.path) in self.done:
            return "seen"
        clips: list[np.ndarray] = []
        quality = None
        if self.spoken[recording.speaker] >= source.longest_speaker_seconds and source.kind == "speech":
            outcome = "enough"
        elif data is None:
            outcome = "absent"
        else:
            outcome, quality, clips, rate = self._judge(source, data)
        names = []
        for number, clip in enumerate(clips):
            stem = PurePosixPath(recording.path).with_suffix("").as_posix().replace("/", "_").replace(" ", "-")
            folder = "speech" if source.kind == "speech" else "noise-scenes"
            names.append(f"{folder}/{source.name}/{stem}{f'_{number:03d}' if source.kind != 'speech' else ''}.flac")
            self._add(source, recording, names[-1], clip, rate)
        figures = ["", "", ""]
        if quality:
            figures = [f"{quality.snr_db:.1f}", f"{quality.bandwidth_hz:.0f}", f"{quality.clipped_share:.6f}"]
        for name in names or [""]:
            row = dict(zip(EXAMINED, [source.name, recording.path, outcome, name, *figures]))
            _append(self.folder / "examined.csv", EXAMINED, row)
        self.done.add((source.name, recording.path))
        return outcome

    def _judge(self, source: Source, data: bytes) -> tuple[str, Quality | None, list[np.ndarray], int]:
        try:
            samples, rate = decode(data)
            quality = measure(samples, rate)
        except ValueError:
            return "unreadable", None, [], 0
        if source.kind != "speech":
            faint = quality.peak < FAINTEST_NOISE_PEAK
            return ("faint", quality, [], 0) if faint else ("kept", quality, pieces_of_noise(samples, rate), rate)
        talk = without_outer_silence(samples, rate)
        fault = fault_of_speech(quality, len(talk) / rate)
        return fault or "kept", quality, [] if fault else [talk], rate

    def _add(self, source: Source, recording: Recording, name: str, clip: np.ndarray, rate: int) -> None:
        narrow = clip if rate == CORPUS_RATE_HZ else np.clip(_resampled(clip, rate), -1, 1)
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(str(self.folder / name), narrow, CORPUS_RATE_HZ, subtype="PCM_16")
        seconds = len(narrow) / CORPUS_RATE_HZ
        row = dict(zip(COLUMNS, [
            name, source.kind, source.name, (source.licences or {}).get(recording.path, source.licence),
            recording.speaker, recording.gender, recording.label, " ".join(recording.transcript.split()),
            f"{seconds:.3f}", CORPUS_RATE_HZ, "train",
        ]))
        _append(self.folder / "manifest.csv", COLUMNS, row)
        self.rows.append({key: str(value) for key, value in row.items()})
        self.spoken[recording.speaker] += seconds


def summary(rows: list[dict[str, str]], examined: list[dict[str, str]]) -> dict[str, dict]:
    """What the folder holds: for each source hours, clips, speakers, labels, licences, and what became of its files."""
    found: dict[str, dict] = {}
    for source in sorted({row["source"] for row in rows}):
        own = [row for row in rows if row["source"] == source]
        outcomes = {(row["file"], row["outcome"]) for row in examined if row["source"] == source}
        found[source] = {
            "kind": own[0]["kind"],
            "hours": round(sum(float(row["duration_s"]) for row in own) / 3600, 2),
            "clips": len(own),
            "speakers": len({row["speaker"] for row in own if row["speaker"]}),
            "labels": len({row["label"] for row in own}),
            "licences": sorted({row["licence"] for row in own}),
            "files": dict(sorted(Counter(outcome for _, outcome in outcomes).items())),
        }
    return found


def _resampled(clip: np.ndarray, rate: int) -> np.ndarray:
    common = math.gcd(rate, CORPUS_RATE_HZ)
    return scipy_signal.resample_poly(clip, CORPUS_RATE_HZ // common, rate // common)


def main() -> None:
    """Parses the command line and goes through the sources; what is there already is not made again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", help="folder of local clones")
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="SOURCE", help="may be given more than once")
    parser.add_argument("--json", help="also writes what the folder holds, such as native-models/more-recordings.json")
    parser.add_argument("--json-only", action="store_true", help="makes nothing, and may be asked while another run does")
    options = parser.parse_args()
    if options.json_only:
        if not options.json:
            parser.error("Expected --json FILE beside --json-only, found none.")
        report(*whole_rows(Path(options.out).expanduser()), options.json)
        return
    if not options.clones:
        parser.error("Expected --clones FOLDER, found none.")
    chosen = [source for source in SOURCES if not options.only or source.name in options.only]
    if missing := set(options.only) - {source.name for source in SOURCES}:
        parser.error(f"Expected sources out of {[s.name for s in SOURCES]}, found {sorted(missing)}.")
    collection = Collection(Path(options.out).expanduser())
    attribution = [dict(zip(("source", "repository", "commit", "licence", "where"),
                            (s.name, f"https://github.com/{s.repository}", s.commit, s.licence, s.where))) for s in SOURCES]
    _write(collection.folder / "attribution.csv", tuple(attribution[0]), attribution)
    for source in chosen:
        if unjudged := {source.licence, *(source.licences or {}).values()} - PERMISSIVE_LICENCES:
            raise SystemExit(f"Expected permissive licences for {source.name}, found {sorted(unjudged)}.")
        outcomes: Counter[str] = Counter()
        with Clone(Path(options.clones).expanduser(), source.repository, source.commit) as clone:
            for recording in source.recordings(clone):
                new = (source.name, recording.path) not in collection.done
                outcomes[collection.take(source, recording, clone.read(recording.path) if new else None)] += 1
        print(f"{source.name}: {dict(outcomes)}", flush=True)
    collection.close()
    report(*whole_rows(collection.folder), options.json)


def whole_rows(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Rows of manifest.csv and examined.csv, without those that a run which is still at work has not finished."""
    rows, examined = _read(folder / "manifest.csv"), _read(folder / "examined.csv")
    known, judged = {row["path"] for row in rows}, {row["path"] for row in examined}
    # Half a line lacks its last columns.
    examined = [row for row in examined if row["clipped_share"] is not None and row["path"] in {*known, ""}]
    return [row for row in rows if row["path"] in judged], examined


def report(rows: list[dict[str, str]], examined: list[dict[str, str]], json_path: str | None) -> None:
    """Prints what the folder holds, and writes it where a file is named."""
    found = summary(rows, examined)
    for name, figures in found.items():
        print(f"{name:26s} {figures['hours']:6.2f} h {figures['clips']:6d} clips {figures['speakers']:5d} speakers")
    if json_path:
        Path(json_path).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _piece_of(path: str) -> str:
    """What the pieces of one recording have in common; a clip of speech is its recording's only one."""
    return path.rsplit("_", 1)[0] if path.startswith("noise-scenes/") else path


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _append(path: Path, columns: tuple[str, ...], row: dict) -> None:
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    partial = path.with_suffix(".part")
    with open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)


if __name__ == "__main__":
    main()
