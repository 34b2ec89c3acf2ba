"""Truths about each frame of a training crop, out of what the mixer drew: the questions that probes ask of gates later."""

from __future__ import annotations

import numpy as np

from .mixing import Mixer
from .mixing_config import Drawn, DrawnNoise
from .pitch_cache import PitchTracks
from .probing.frame_labels import UNKNOWN, snr_db_of_powers, speech_of_power
from .probing.pitch_trackers import F0_RANGE_HZ, SURE_UNVOICED, SURE_VOICED
from .probing.recordings import NO_NOISE, NOISE_LABELS, family_of
from .stft import HOP_SAMPLES, frame_count, sqrt_hann

LEAST_LEAD_DB = 6.0
"""By how much the main noise must be louder than another for its kind to be the answer."""

HANN_HALVES = sqrt_hann().square().double().numpy().reshape(2, HOP_SAMPLES).T  # (hop, first and second half)

Labels = dict[str, np.ndarray]
"""Name -> (frames,): `speech`, `voiced`, `domain` 1, 0 or -1 for unknown; `noise` an index of NOISE_LABELS or -1; `f0`
log2 Hz and `snr` dB, NaN for unknown. Types int64 and float32."""


class LabelledMixer:
    """A mixer whose batches come with the labels of their frames; the mixtures are the same as without.

    Args:
        mixer: draws the crops.
        tracks: F0 of every clip of speech that the mixer draws from.
    """

    def __init__(self, mixer: Mixer, tracks: PitchTracks):
        self._mixer, self._tracks = mixer, tracks

    def batch(self, step: int, size: int) -> tuple[np.ndarray, np.ndarray, Labels]:
        """Mixture and target of one step, float32 (size, samples), and labels (size, frames)."""
        crops = [self._mixer.draw(step, row) for row in range(size)]
        labels = [crop_labels(crop, self._tracks) for crop in crops]
        return (
            np.stack([c.mixture for c in crops]), np.stack([c.target for c in crops]),
            {name: np.stack([part[name] for part in labels]) for name in labels[0]},
        )


def crop_labels(crop: Drawn, tracks: PitchTracks) -> Labels:
    """Labels of one crop's frames, as `label_recording` has them for the recordings that probes are fitted on.

    Speech and voicing are unknown where a noise may hold voices of its own and nobody else talks (babble, music).
    """
    power = crop_power(crop.target)
    speech = speech_of_power(power)
    kinds = {noise.kind for noise in crop.noises}
    frames = len(speech)
    known = speech.astype(np.int64)
    voiced, f0_hz = _pitch(crop, speech, tracks)
    if not crop.pieces and kinds & {"babble", "music", "foreign", "event"}:
        known, voiced = np.full(frames, UNKNOWN, np.int64), np.full(frames, UNKNOWN, np.int64)
    domain = 0 if "foreign" in kinds else UNKNOWN if "music" in kinds else 1
    with np.errstate(invalid="ignore", divide="ignore"):
        f0 = np.where(voiced == 1, np.log2(f0_hz), np.nan).astype(np.float32)
    return {
        "speech": known, "voiced": voiced, "f0": f0, "snr": snr_db_of_powers(power, crop_power(crop.noise), speech),
        "noise": np.full(frames, _noise_label(crop.noises), np.int64), "domain": np.full(frames, domain, np.int64),
    }


def crop_power(signal: np.ndarray) -> np.ndarray:
    """`probing.frame_labels.frame_power` without a transform, by Parseval's theorem: (samples,) -> (frames,), float64."""
    hops = frame_count(len(signal)) - 1
    padded = np.zeros((hops + 2, HOP_SAMPLES))
    padded.reshape(-1)[HOP_SAMPLES : HOP_SAMPLES + len(signal)] = signal
    halves = np.square(padded) @ HANN_HALVES  # (hops + 2, hop) -> (hops + 2, 2)
    return (halves[:-1, 0] + halves[1:, 1]) / HOP_SAMPLES


def _pitch(crop: Drawn, speech: np.ndarray, tracks: PitchTracks) -> tuple[np.ndarray, np.ndarray]:
    """Voicing 1, 0 or -1, and F0 in Hz where it is 1; both (frames,)."""
    frames = len(speech)
    centres = np.arange(frames) * HOP_SAMPLES * crop.speed  # in samples of the talk
    hertz, sure = np.zeros(frames), np.zeros(frames)
    for piece in crop.pieces:
        inside = np.flatnonzero((centres >= piece.position) & (centres < piece.position + piece.count))
        if len(inside):
            there = centres[inside] - piece.position + piece.clip_start
            hertz[inside], sure[inside] = tracks.at(piece.path, there)
    hertz *= crop.speed
    low, high = F0_RANGE_HZ
    voiced = np.zeros(frames, np.int64)
    voiced[speech & (sure >= SURE_UNVOICED)] = UNKNOWN
    voiced[speech & (sure >= SURE_VOICED) & (hertz > low * 1.02) & (hertz < high * 0.98)] = 1
    return voiced, hertz


def _noise_label(noises: tuple[DrawnNoise, ...]) -> int:
    """The kind of the main noise; unknown where it has none, or where another kind is nearly as loud."""
    labels = [_label(noise) for noise in noises] or [NO_NOISE]
    main = labels[0]
    rivals = [n for n, label in zip(noises[1:], labels[1:], strict=True) if label != main]
    if not main or any(n.level_db > -LEAST_LEAD_DB for n in rivals):
        return UNKNOWN
    return NOISE_LABELS.index(main)


def _label(noise: DrawnNoise) -> str:
    if noise.kind == "babble":
        return "babble"
    if noise.kind == "room-tone":
        return NO_NOISE
    return family_of(noise.clip) if noise.clip else ""
