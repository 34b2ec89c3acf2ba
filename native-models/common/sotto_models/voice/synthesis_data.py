"""Training crops of the synthesis: z of one rendering, F0, and the sound of that rendering or of its pair in another voice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import soundfile

from ..json_lines import read_json_lines
from .codebooks import Codebooks
from .labels import LabelledClip, VoiceLabels
from .source_filter import REFERENCE_RATE_HZ, noise_level, pulse_train
from .synthesis_net import MODES, mixture_weights, pitch_input

CODE_SAMPLES = REFERENCE_RATE_HZ // 50
LOWEST_F0_HZ, HIGHEST_F0_HZ = 50.0, 600.0


@dataclass(frozen=True)
class SynthesisDataConfig:
    """What is drawn for a crop.

    Attributes:
        crop_frames: of 20 ms.
        pair_share: how often the target is the sentence in the other voice, where there is one.
        mode_shares: of MODES, sum 1.
        level_pitch_share: how often the net is told only the mean of log F0 while the pulses follow the real one, so that its
            filters get along with an F0 that nobody would have spoken.
    """

    crop_frames: int = 64
    pair_share: float = 0.7
    mode_shares: tuple[float, float, float] = (0.4, 0.3, 0.3)
    level_pitch_share: float = 0.2

    @classmethod
    def from_dict(cls, values: dict) -> SynthesisDataConfig:
        """Reads the `data` part of a configuration file; unknown names are errors."""
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"Expected data options {sorted(f.name for f in fields(cls))}, found {sorted(unknown)}.")
        return cls(**{**values, "mode_shares": tuple(values.get("mode_shares", cls.mode_shares))})


@dataclass(frozen=True)
class Target:
    """A rendering to aim at: its sound (24 kHz), its voice, and the ratio of its F0 to that of the labelled rendering."""

    sound: Path
    mixture: dict[str, float]
    f0_ratio: float


@dataclass(frozen=True)
class Sentence:
    """A labelled rendering, with itself as first target and its pair, if there is one, as second."""

    clip: LabelledClip
    targets: tuple[Target, ...]


Batch = dict[str, np.ndarray]
"""z (B, D, T), f0_hz (B, 2 T), pitch (B, 2, 2 T), weights (B, 54), mode (B, 3), pulses, noise, target (B, 480 T); float32."""


def read_sentences(labels: VoiceLabels, voices: Path, pairs: Path | None, split: str, crop_frames: int) -> list[Sentence]:
    """Sentences of make_voices.py that have labels and are long enough.

    Args:
        pairs: folder of make_pairs.py, or None.
        split: `train`, or `valid` for the held-out voices.
    """
    again = {} if pairs is None else {entry["index"]: entry for entry in read_json_lines(pairs / "pairs.jsonl")}
    by_path = {clip.path: clip for clip in labels.chosen(split)}
    found = []
    for entry in read_json_lines(voices / "sentences.jsonl"):
        name = f"{entry['index']:06d}.flac"
        clip = by_path.get(str((voices / "speech" / name).expanduser().resolve()))
        if clip is None or clip.frames < crop_frames:
            continue
        targets = [Target(voices / "wide" / name, entry["voices"], 1.0)]
        if other := again.get(entry["index"]):
            targets.append(Target(pairs / "wide" / name, other["voices"], other["f0Factor"] / entry["f0Factor"]))
        found.append(Sentence(clip, tuple(targets)))
    return found


def read_recipes(voices: Path) -> dict[str, float]:
    """The factor on F0 with which make_voices.py spoke each rendering, by the path that labels know it by."""
    return {
        str((voices / "speech" / f"{entry['index']:06d}.flac").resolve()): entry["f0Factor"]
        for entry in read_json_lines(voices / "sentences.jsonl")
    }


class SynthesisData:
    """Crops as a function of (seed, step, row).

    Args:
        labels: F0, and codebooks; z too unless `codes` is given.
        codes: a folder in the labels' form whose z is heard instead, such as a trained encoder's.
    Raises:
        ValueError: there is no sentence, or the codes have other codebooks than the labels.
    """

    def __init__(self, sentences: Sequence[Sentence], labels: VoiceLabels, config: SynthesisDataConfig, seed: int,
                 codes: VoiceLabels | None = None):
        if not sentences:
            raise ValueError("Expected labelled sentences, found none. Run make_voices.py, then label.py over its folder.")
        if codes is not None:
            expect_same_codebooks(codes, labels)
        self._sentences, self._labels, self._codes = sentences, labels, codes or labels
        self._books, self._config, self._seed = labels.codebooks, config, seed

    def batch(self, step: int, size: int, modes: Sequence[str] | None = None) -> Batch:
        """A batch of crops; `modes` gives every row its mode instead of drawing it."""
        rows = [self._row(np.random.default_rng([self._seed, step, row]), modes[row] if modes else None) for row in range(size)]
        return {name: np.stack([row[name] for row in rows]).astype(np.float32) for name in rows[0]}

    def _row(self, rng: np.random.Generator, mode: str | None) -> dict[str, np.ndarray]:
        config = self._config
        sentence = self._sentences[rng.integers(len(self._sentences))]
        paired = len(sentence.targets) > 1 and rng.random() < config.pair_share
        target = sentence.targets[1 if paired else 0]
        drawn = MODES[rng.choice(len(MODES), p=config.mode_shares)]
        mode = mode or drawn
        count = config.crop_frames
        start = int(rng.integers(sentence.clip.frames - count + 1))
        z = mode_of_z(self._codes.z(self._codes.clip(sentence.clip.path), start, count), mode, self._books)
        f0 = chosen_f0(self._labels.f0_hz(sentence.clip, 2 * start, 2 * count), target.f0_ratio)
        told = f0
        if rng.random() < config.level_pitch_share and (f0 > 0).any():
            told = np.where(f0 > 0, np.exp(np.log(f0[f0 > 0]).mean()), 0.0)
        samples = count * CODE_SAMPLES
        sound = speech_at_rms_one(target.sound)[start * CODE_SAMPLES : start * CODE_SAMPLES + samples]
        return {
            "z": z.T, "f0_hz": f0, "pitch": pitch_input(told), "weights": mixture_weights(target.mixture),
            "mode": mode_vector(mode), "pulses": pulse_train(f0, samples),
            "noise": rng.uniform(-1, 1, samples) * noise_level(REFERENCE_RATE_HZ),
            "target": np.pad(sound, (0, samples - len(sound))),
        }


def chosen_f0(f0_hz: np.ndarray, ratio: float) -> np.ndarray:
    """A track moved by a ratio and kept in the range the net knows, 0 stays 0; (frames,), float64."""
    return np.where(f0_hz > 0, np.clip(f0_hz.astype(np.float64) * ratio, LOWEST_F0_HZ, HIGHEST_F0_HZ), 0.0)


def codebook_checksum(books: Codebooks) -> str:
    """SHA-256 of the first codebook as little-endian float32: codes and a synthesis fit together where this is the same.

    It is also the checksum of the file that voice-codes/export.py writes of it.
    """
    return hashlib.sha256(np.ascontiguousarray(books.first, "<f4").tobytes()).hexdigest()


def expect_same_codebooks(codes: VoiceLabels, labels: VoiceLabels) -> None:
    """Refuses a trained encoder's z that lies among the centres of another codebook than the labels' own.

    Raises:
        ValueError: it does.
    """
    if codebook_checksum(codes.codebooks) != codebook_checksum(labels.codebooks):
        raise ValueError(f"Expected {codes.folder} to have the codebooks of {labels.folder}, found others. Run encoded.py again.")


def mode_of_z(z: np.ndarray, mode: str, books: Codebooks) -> np.ndarray:
    """z as a mode lets it through, (frames, D), float32.

    Raises:
        ValueError: the mode is unknown.
    """
    if mode == "clear":
        return z
    first, residual = books.encode(z)
    if mode == "balanced":
        return books.decode(first, residual)
    if mode == "strict":
        return books.decode(first)
    raise ValueError(f"Expected a mode of {MODES}, found {mode!r}.")


def mode_vector(mode: str) -> np.ndarray:
    """(3,), one-hot in the order of MODES."""
    return np.eye(len(MODES))[MODES.index(mode)]


def speech_at_rms_one(path: Path) -> np.ndarray:
    """A rendering, (samples,), float32, scaled to rms 1 over the 10 ms that are less than 30 dB below the loudest.

    Raises:
        ValueError: it is not 24 kHz mono.
    """
    sound, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate != REFERENCE_RATE_HZ or sound.shape[1] != 1:
        raise ValueError(f"Expected 24000 Hz mono in {path}, found {rate} Hz with {sound.shape[1]} channels.")
    power = np.square(sound[: len(sound) // 240 * 240, 0]).reshape(-1, 240).mean(1)
    active = power[power > power.max() * 1e-3] if power.size and power.max() > 0 else np.ones(1)
    return sound[:, 0] / np.float32(np.sqrt(active.mean()))
