"""Training crops of the synthesis: z of one rendering, F0, and the sound of that rendering or of its pair in another voice.

Synthetic sentences own the table of voices. Recordings of people bring the variety of words, of which no synthetic voice has
enough; their voices enter as a reference, a sample of the same speaker, and have no row that could be asked for later.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from ..json_lines import read_json_lines
from ..options import Options
from .codebooks import Codebooks
from .labels import LabelledClip, VoiceLabels, source_weights
from .reference import LEAST_REFERENCE_SECONDS, REFERENCE_SECONDS
from .source_filter import REFERENCE_RATE_HZ, noise_level, pulse_train
from .synthesis_net import MODES, mixture_weights, pitch_input

CODES_PER_SECOND = 50
CODE_SAMPLES = REFERENCE_RATE_HZ // CODES_PER_SECOND
LOWEST_F0_HZ, HIGHEST_F0_HZ = 50.0, 600.0
HEARD_RATE_HZ = 16_000
REFERENCE_SAMPLES = int(REFERENCE_SECONDS * HEARD_RATE_HZ)
EDGE_SAMPLES = 96
RECORDED_BAND = 7600 / 12_000
"""Of the synthesis' band that recordings at 16 kHz have, their resampling filter left out."""


@dataclass(frozen=True)
class SynthesisDataConfig(Options, part="data"):
    """What is drawn for a crop.

    Attributes:
        crop_frames: of 20 ms.
        recording_share: how often a crop is of a person's recording instead of a synthetic sentence.
        source_factors: how much oftener a source of recordings is drawn, see `labels.source_weights`.
        reference_share: how often a synthetic voice is given by a sample of it too, so that both ways mean the same.
        heard_margin_frames: of 20 ms of sound on either side of the crop, for an encoder that listens; 0 where z is stored.
        pair_share: how often the target is the sentence in the other voice, where there is one.
        mode_shares: of MODES, sum 1.
        level_pitch_share: how often the net is told only the mean of log F0 while the pulses follow the real one, so that its
            filters get along with an F0 that nobody would have spoken.
    """

    crop_frames: int = 64
    recording_share: float = 0.0
    source_factors: dict[str, float] = field(default_factory=dict)
    reference_share: float = 0.3
    heard_margin_frames: int = 0
    pair_share: float = 0.7
    mode_shares: tuple[float, float, float] = (0.4, 0.3, 0.3)
    level_pitch_share: float = 0.2


@dataclass(frozen=True)
class Target:
    """A rendering to aim at.

    Attributes:
        sound: at 24 kHz, or a recording at 16 kHz.
        mixture: its voice; None where only a reference tells it.
        f0_ratio: of its F0 to that of the labelled rendering.
    """

    sound: Path
    mixture: dict[str, float] | None
    f0_ratio: float


@dataclass(frozen=True)
class Sentence:
    """A labelled rendering, with itself as first target and its pair, if there is one, as second."""

    clip: LabelledClip
    targets: tuple[Target, ...]


Batch = dict[str, np.ndarray]
"""z (B, D, T), f0_hz (B, 2 T), pitch (B, 2, 2 T), weights (B, 54), mode (B, 3), pulses, noise, target (B, 480 T),
reference (B, 32000) at 16 kHz, of the target outside of the crop, referred (B,) 1 where it is the voice, else 0, band (B,) share of 12 kHz that the target has;
with `heard_margin_frames` heard (B, samples) at 16 kHz: what z is of. All float32."""


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


def read_recordings(labels: VoiceLabels, split: str, crop_frames: int) -> list[Sentence]:
    """Recordings of people that have labels and are long enough for a crop and, beside it, a reference."""
    least = crop_frames + math.ceil(LEAST_REFERENCE_SECONDS * CODES_PER_SECOND) + 1  # the last frame may be a part of one
    chosen = [clip for clip in labels.chosen(split) if clip.source != "kokoro" and clip.frames >= least]
    return [Sentence(clip, (Target(Path(clip.path), None, 1.0),)) for clip in chosen]


def read_recipes(voices: Path) -> dict[str, float]:
    """The factor on F0 with which make_voices.py spoke each rendering, by the path that labels know it by."""
    return {
        str((voices / "speech" / f"{entry['index']:06d}.flac").resolve()): entry["f0Factor"]
        for entry in read_json_lines(voices / "sentences.jsonl")
    }


class SynthesisData:
    """Crops as a function of (seed, step, row).

    Args:
        recordings: of people; needed where `recording_share` is above 0.
        labels: F0, and codebooks; z too unless `codes` is given.
        codes: a folder in the labels' form whose z is heard instead, such as a trained encoder's.
    Raises:
        ValueError: there is no sentence, or the codes have other codebooks than the labels.
    """

    def __init__(self, sentences: Sequence[Sentence], labels: VoiceLabels, config: SynthesisDataConfig, seed: int,
                 codes: VoiceLabels | None = None, recordings: Sequence[Sentence] = ()):
        if not sentences:
            raise ValueError("Expected labelled sentences, found none. Run make_voices.py, then label.py over its folder.")
        if config.recording_share > 0 and not recordings:
            raise ValueError("Expected labelled recordings, because recording_share is above 0, found none. Run label.py.")
        if codes is not None:
            expect_same_codebooks(codes, labels)
        self._sentences, self._labels, self._codes = sentences, labels, codes or labels
        self._books, self._config, self._seed = labels.codebooks, config, seed
        self._recordings: dict[str, dict[str, list[Sentence]]] = {}
        for recording in recordings:
            self._recordings.setdefault(recording.clip.source, {}).setdefault(recording.clip.speaker, []).append(recording)
        weights = source_weights([r.clip for r in recordings], config.source_factors)
        self._sources, self._source_weights = list(weights), list(weights.values())

    def batch(self, step: int, size: int, modes: Sequence[str] | None = None) -> Batch:
        """A batch of crops; `modes` gives every row its mode instead of drawing it."""
        rows = [self._row(np.random.default_rng([self._seed, step, row]), modes[row] if modes else None) for row in range(size)]
        return {name: np.stack([row[name] for row in rows]).astype(np.float32) for name in rows[0]}

    def _drawn(self, rng: np.random.Generator) -> tuple[Sentence, Target]:
        """A sentence or a recording, and what to aim at."""
        if rng.random() < self._config.recording_share:
            speakers = self._recordings[self._sources[rng.choice(len(self._sources), p=self._source_weights)]]
            said = speakers[sorted(speakers)[rng.integers(len(speakers))]]
            recording = said[rng.integers(len(said))]
            return recording, recording.targets[0]
        sentence = self._sentences[rng.integers(len(self._sentences))]
        paired = len(sentence.targets) > 1 and rng.random() < self._config.pair_share
        return sentence, sentence.targets[1 if paired else 0]

    def _row(self, rng: np.random.Generator, mode: str | None) -> dict[str, np.ndarray]:
        config = self._config
        sentence, target = self._drawn(rng)
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
        sound, rate = speech_at_rms_one(target.sound)
        recorded = target.mixture is None
        reference = _reference(rng, sound, rate, start, count)
        referred = recorded or rng.random() < config.reference_share
        margin = config.heard_margin_frames
        heard = {} if margin == 0 else {"heard": _heard(sentence.clip.path, start - margin, count + 2 * margin)}
        return {
            "z": z.T, "f0_hz": f0, "pitch": pitch_input(told), "weights": mixture_weights(target.mixture or {}),
            "mode": mode_vector(mode), "pulses": pulse_train(f0, samples),
            "noise": rng.uniform(-1, 1, samples) * noise_level(REFERENCE_RATE_HZ),
            "target": _at_rate(sound, rate, REFERENCE_RATE_HZ, start * CODE_SAMPLES, samples),
            "reference": np.zeros(REFERENCE_SAMPLES) if reference is None else reference,
            "referred": np.float32(referred and reference is not None), "band": np.float32(RECORDED_BAND if rate == HEARD_RATE_HZ else 1.0),
            **heard,
        }


def _at_rate(sound: np.ndarray, rate_hz: int, wanted_hz: int, start: int, samples: int) -> np.ndarray:
    """(samples,) of a sound at another rate, from sample `start` at that rate; zeros outside of the sound."""
    divisor = math.gcd(rate_hz, wanted_hz)
    up, down = wanted_hz // divisor, rate_hz // divisor
    # Whole steps of both rates around the part, wider than the resampling filter, so that its edges are not heard.
    first_step, last_step = (start - EDGE_SAMPLES) // up, -(-(start + samples + EDGE_SAMPLES) // up)
    first, last = first_step * down, last_step * down
    inside = sound[max(0, first) : max(0, last)]
    before = min(max(0, -first), last - first)
    part = np.pad(inside, (before, last - first - before - len(inside)))
    moved = part if up == down else resample_poly(part, up, down)
    offset = start - first_step * up
    return moved[offset : offset + samples].astype(np.float32)


def _reference(rng: np.random.Generator, sound: np.ndarray, rate_hz: int, first_frame: int, frames: int) -> np.ndarray | None:
    """Two seconds of a voice, (32000,), 16 kHz, from anywhere in the sound but the crop; None where too little is left.

    What is left is joined, and repeats where it is shorter. Were the crop in it, its words could be read from the voice.

    Args:
        first_frame, frames: of 20 ms, the crop.
    """
    at = rng.random()
    first, last = (frame * rate_hz // CODES_PER_SECOND for frame in (first_frame, first_frame + frames))
    rest = np.concatenate([sound[:first], sound[last:]])
    if len(rest) < LEAST_REFERENCE_SECONDS * rate_hz:
        return None
    long_enough = np.tile(rest, -(-int(REFERENCE_SECONDS * rate_hz) // len(rest)))
    samples = len(long_enough) * HEARD_RATE_HZ // rate_hz
    return _at_rate(long_enough, rate_hz, HEARD_RATE_HZ, int(at * (samples - REFERENCE_SAMPLES + 1)), REFERENCE_SAMPLES)


def _heard(path: str, first_frame: int, frames: int) -> np.ndarray:
    """The recording that z is of, from a frame of 20 ms on that may lie before it; (320 frames,), 16 kHz."""
    sound, rate = soundfile.read(path, dtype="float32")
    return _at_rate(sound, rate, HEARD_RATE_HZ, first_frame * HEARD_RATE_HZ // 50, frames * HEARD_RATE_HZ // 50)


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


def speech_at_rms_one(path: Path) -> tuple[np.ndarray, int]:
    """A rendering and its rate, (samples,), float32, scaled to rms 1 over the 10 ms that are less than 30 dB below the loudest.

    Raises:
        ValueError: it is not mono at 24 or 16 kHz.
    """
    sound, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate not in (REFERENCE_RATE_HZ, HEARD_RATE_HZ) or sound.shape[1] != 1:
        found = f"{rate} Hz with {sound.shape[1]} channels"
        raise ValueError(f"Expected 24000 or 16000 Hz mono in {path}, found {found}.")
    hop = rate // 100
    power = np.square(sound[: len(sound) // hop * hop, 0]).reshape(-1, hop).mean(1)
    active = power[power > power.max() * 1e-3] if power.size and power.max() > 0 else np.ones(1)
    return sound[:, 0] / np.float32(np.sqrt(active.mean())), rate
