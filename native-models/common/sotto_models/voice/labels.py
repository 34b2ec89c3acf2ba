"""What the teacher and a pitch tracker say of every clip, computed once and kept in one growing folder.

The folder holds `basis.npz` (the projection), `teacher.f16` (frames, 128; the first 64 are z), `pitch.f32`
(2 frames; F0 in Hz, 0 unvoiced), `index.jsonl` (one clip per line), `codebooks.npz`. Frame t of the teacher
is centred on sample 320 t of 16 kHz, frame t of the pitch on sample 160 t. A folder is continued, never rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..corpus import Clip, CorpusError, read_manifest, training_clips
from ..json_lines import read_json_lines
from .codebooks import CODE_SIZE, STORED_DIMENSIONS, Basis, Codebooks, load_basis, load_codebooks, save_arrays
from .phones import is_held_out_voice
from .teacher import HOP_SAMPLES, TEACHER_LAYER, WEIGHTS_SHA256

PITCH_RANGE_HZ = (60.0, 500.0)
VOICED_CONFIDENCE = 0.5
SWIFT_HOP_SAMPLES = 256
PITCH_HOP_SAMPLES = 160


@dataclass(frozen=True)
class LabelledClip:
    """One line of the index.

    Attributes:
        path: of the sound, absolute.
        source, speaker, split: as its manifest says, but `valid` for held-out synthetic voices.
        samples: at 16 kHz.
        first: number of its first teacher frame in the folder's arrays.
        frames: teacher frames, max(2, ceil(samples / 320)); twice as many of pitch.
    """

    path: str
    source: str
    speaker: str
    split: str
    samples: int
    first: int
    frames: int


class VoiceLabels:
    """Reads a label folder through memory maps; what is appended later is seen by the next one that opens it.

    Raises:
        CorpusError: the folder holds no labels, or those of another teacher.
    """

    def __init__(self, folder: Path):
        index = folder / "index.jsonl"
        if not index.exists():
            raise CorpusError(f"Expected labels in {folder}, found none. Run native-models/voice-codes/label.py.")
        _expect_same_teacher(folder)
        self.folder = folder
        self.clips = _read_index(index)
        self._by_path = {clip.path: clip for clip in self.clips}
        # Only what the index counts: behind it may be the part of a clip that is just being written.
        frames = self.clips[-1].first + self.clips[-1].frames if self.clips else 0
        self._teacher = _mapped(folder / "teacher.f16", np.float16, (frames, STORED_DIMENSIONS))
        self._pitch = _mapped(folder / "pitch.f32", np.float32, (2 * frames,))

    @property
    def basis(self) -> Basis:
        """The projection that made z."""
        return load_basis(self.folder / "basis.npz")

    @property
    def codebooks(self) -> Codebooks:
        """Both codebooks; `codebooks.encode(z)` gives units and residual units.

        Raises:
            CorpusError: they are not fitted yet.
        """
        path = self.folder / "codebooks.npz"
        if not path.exists():
            raise CorpusError(f"Expected codebooks in {path}, found none. Let native-models/voice-codes/label.py finish.")
        return load_codebooks(path)

    def chosen(self, split: str) -> list[LabelledClip]:
        """Clips of `train` or `valid`."""
        return [clip for clip in self.clips if clip.split == split]

    def clip(self, path: str | Path) -> LabelledClip:
        """The entry of a sound file.

        Raises:
            CorpusError: it has no labels.
        """
        key = str(Path(path).expanduser().resolve())
        if key not in self._by_path:
            raise CorpusError(f"Expected labels of {key} in {self.folder}, found none. Run label.py over its folder.")
        return self._by_path[key]

    def z(self, clip: LabelledClip, start: int = 0, count: int | None = None, size: int = CODE_SIZE) -> np.ndarray:
        """(frames, size) float32 from teacher frame `start` of a clip, shorter at its end."""
        stop = clip.frames if count is None else min(clip.frames, start + count)
        return self._teacher[clip.first + start : clip.first + stop, :size].astype(np.float32)

    def f0_hz(self, clip: LabelledClip, start: int = 0, count: int | None = None) -> np.ndarray:
        """(pitch frames,) float32 Hz, 0 unvoiced, from pitch frame `start`, 100 a second."""
        stop = 2 * clip.frames if count is None else min(2 * clip.frames, start + count)
        return np.array(self._pitch[2 * clip.first + start : 2 * clip.first + stop])


class LabelWriter:
    """Appends to a label folder; what an interrupted run left half written is cut off first."""

    def __init__(self, folder: Path, basis: Basis):
        folder.mkdir(parents=True, exist_ok=True)
        self._index = folder / "index.jsonl"
        if self._index.exists():
            _expect_same_teacher(folder)
        else:
            save_arrays(folder / "basis.npz", **asdict(basis))
            (folder / "teacher.json").write_text(json.dumps(_teacher_facts()) + "\n")
            self._index.touch()
        known = _read_index(self._index)
        partial = self._index.with_suffix(".part")
        partial.write_text("".join(json.dumps(asdict(entry)) + "\n" for entry in known), encoding="utf-8")
        partial.replace(self._index)
        self.paths = {clip.path for clip in known}
        self._frames = known[-1].first + known[-1].frames if known else 0
        self._basis = basis
        self._teacher = _open_at(folder / "teacher.f16", self._frames * STORED_DIMENSIONS * 2)
        self._pitch = _open_at(folder / "pitch.f32", self._frames * 2 * 4)

    def append(self, clip: Clip, path: Path, samples: int, features: np.ndarray, f0_hz: np.ndarray) -> LabelledClip:
        """Adds one clip: features (frames, 384) and F0 (2 frames,).

        Raises:
            ValueError: features and F0 have different lengths.
        """
        if len(f0_hz) != 2 * len(features):
            raise ValueError(f"Expected {2 * len(features)} pitch frames for {path}, found {len(f0_hz)}.")
        split = "valid" if is_held_out_voice(clip.speaker) else clip.split
        entry = LabelledClip(str(path), clip.source, clip.speaker, split, samples, self._frames, len(features))
        self._teacher.write(self._basis.project(features, STORED_DIMENSIONS).astype(np.float16).tobytes())
        self._pitch.write(f0_hz.astype(np.float32).tobytes())
        self._teacher.flush()
        self._pitch.flush()
        with open(self._index, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry)) + "\n")
        self._frames += len(features)
        return entry

    def close(self) -> None:
        """Closes the files."""
        self._teacher.close()
        self._pitch.close()


def speech_clips(folders: Sequence[Path]) -> list[tuple[Clip, Path]]:
    """Speech and emotional speech of the train and valid splits, permissive licences only, with absolute paths."""
    found = []
    for folder in folders:
        manifest = read_manifest(folder)
        for split in ("train", "valid"):
            clips = training_clips(manifest, split)
            found += [(c, (folder / c.path).resolve()) for c in clips if c.kind in ("speech", "emotion")]
    return found


def balanced(clips: Sequence[tuple[Clip, Path]], seconds_per_speaker: float, seed: int) -> list[tuple[Clip, Path]]:
    """Train clips of voices that are not held out, in random order, no speaker with more than so many seconds."""
    order = np.random.default_rng(seed).permutation(len(clips))
    spent: dict[tuple[str, str], float] = {}
    chosen = []
    for number in order:
        clip, path = clips[number]
        key = (clip.source, clip.speaker)
        if clip.split == "train" and not is_held_out_voice(clip.speaker) and spent.get(key, 0.0) < seconds_per_speaker:
            spent[key] = spent.get(key, 0.0) + clip.duration_seconds
            chosen.append((clip, path))
    return chosen


def source_weights(clips: Sequence[LabelledClip], factors: dict[str, float]) -> dict[str, float]:
    """How often each source is drawn, sum 1: the root of its hours times its speakers, times its factor (1 when not named)."""
    frames: dict[str, int] = {}
    speakers: dict[str, set[str]] = {}
    for clip in clips:
        frames[clip.source] = frames.get(clip.source, 0) + clip.frames
        speakers.setdefault(clip.source, set()).add(clip.speaker)
    weights = {name: factors.get(name, 1.0) * (frames[name] * len(speakers[name])) ** 0.5 for name in sorted(frames)}
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def pitch_tracker() -> Callable[[np.ndarray, int], np.ndarray]:
    """SwiftF0 (MIT): (samples,) at 16 kHz and a number of frames -> F0 in Hz (frames,), 0 unvoiced, 100 a second."""
    from swift_f0 import SwiftF0

    detector = SwiftF0(threads=1)

    def track(signal: np.ndarray, frames: int) -> np.ndarray:
        found = detector.detect(signal.astype(np.float32), 16_000, *PITCH_RANGE_HZ)
        return at_hundred_a_second(np.asarray(found.pitch_hz), np.asarray(found.confidence), frames)

    return track


def at_hundred_a_second(hertz: np.ndarray, confidence: np.ndarray, frames: int) -> np.ndarray:
    """A pitch track of one value per 256 samples, at one per 160: log F0 interpolated inside voiced runs.

    Args:
        hertz: (values,), 0 or NaN where there is none.
        confidence: (values,), 0 to 1; voiced above 0.5, interpolated too.
    Returns:
        (frames,), float32, 0 unvoiced.
    """
    hertz, confidence = np.nan_to_num(hertz), np.nan_to_num(confidence)
    voiced = hertz > 0
    if not voiced.any():
        return np.zeros(frames, np.float32)
    at = np.arange(frames) * PITCH_HOP_SAMPLES / SWIFT_HOP_SAMPLES
    places = np.arange(len(hertz))
    sure = np.interp(at, places, np.where(voiced, confidence, 0.0))
    octaves = np.interp(at, places[voiced], np.log2(hertz[voiced]))
    inside = voiced[np.minimum(np.rint(at).astype(int), len(hertz) - 1)]
    return np.where((sure > VOICED_CONFIDENCE) & inside, 2.0**octaves, 0.0).astype(np.float32)


def _teacher_facts() -> dict:
    return {"weights": WEIGHTS_SHA256, "layer": TEACHER_LAYER, "hopSamples": HOP_SAMPLES, "dimensions": STORED_DIMENSIONS}


def _expect_same_teacher(folder: Path) -> None:
    found = json.loads((folder / "teacher.json").read_text())
    if found != _teacher_facts():
        raise CorpusError(f"Expected labels of {_teacher_facts()} in {folder}, found {found}. Use another folder.")


def _read_index(path: Path) -> list[LabelledClip]:
    return [LabelledClip(**entry) for entry in read_json_lines(path)]


def _mapped(path: Path, kind: type, shape: tuple[int, ...]) -> np.ndarray:
    # Nothing cannot be mapped.
    return np.memmap(path, kind, "r", shape=shape) if shape[0] else np.empty(shape, kind)


def _open_at(path: Path, size: int):
    path.touch()
    file = open(path, "r+b")
    file.truncate(size)
    file.seek(size)
    return file
