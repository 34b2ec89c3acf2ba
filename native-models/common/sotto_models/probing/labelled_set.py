"""Recordings with the labels of their frames, kept on disk because mixing and pitch take minutes."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from .. import mixing
from ..corpus import Clip
from . import foreign_sounds, frame_labels, pitch_trackers, recordings
from .frame_labels import UNKNOWN, FrameLabels, local_snr_db, speech_frames
from .pitch_trackers import pitch_labels, swift_f0, world
from .recordings import NOISE_LABELS, ProbeRecording, RecordingMaker

Pitch = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""clean voice (samples,), speech (frames,) -> voiced (frames,) and F0 in Hz (frames,), as `pitch_labels`."""

LABEL_NAMES = tuple(f.name for f in fields(FrameLabels))
TEXT_NAMES = ("name", "kind", "group", "noise_source", "noise_label")
BEHIND_RECORDINGS = (
    recordings, foreign_sounds, frame_labels, pitch_trackers, mixing.coloured_noise, mixing.equalised,
    mixing.room_responses, mixing.change_speed,
)
"""Modules and functions whose source is part of a kept set's name."""


@dataclass(frozen=True)
class LabelledRecording:
    """What fitting and judging need of a recording.

    Attributes:
        group: whose recording it is, for intervals: the speaker, else the noise's source.
        noisy: (samples,), float32, 16 kHz.
    """

    name: str
    kind: str
    group: str
    noise_source: str
    noise_label: str
    noisy: np.ndarray
    labels: FrameLabels


def label_recording(recording: ProbeRecording, pitch: Pitch) -> LabelledRecording:
    """Labels every frame of a recording out of its known parts.

    Speech and voicing are unknown over foreign sounds (music may be sung) and in recorded babble without a speaker. In
    clean recordings the noise label is `speech-free silence` throughout: where somebody speaks it says that nothing
    else is heard.
    """
    speech = speech_frames(recording.voice)
    voiced, f0_hz = pitch(recording.voice, speech)
    frames = len(speech)
    known = speech.astype(np.int8)
    nobody_knows = recording.kind == "foreign" or (recording.kind == "noise" and recording.noise_label == "babble")
    if nobody_knows:
        known[:], voiced = UNKNOWN, np.full(frames, UNKNOWN, np.int8)
    label = NOISE_LABELS.index(recording.noise_label) if recording.noise_label else UNKNOWN
    domain = np.full(frames, 0 if recording.kind == "foreign" else 1, np.int8)
    if recording.kind == "over-music":
        domain[~speech] = UNKNOWN
    labels = FrameLabels(
        known, voiced, f0_hz, local_snr_db(recording.voice, recording.noise, speech),
        np.full(frames, label, np.int8), domain,
    )
    group = recording.speaker or recording.noise_source or "room tone"
    return LabelledRecording(
        recording.name, recording.kind, group, recording.noise_source, recording.noise_label, recording.noisy, labels
    )


def labelled_set(maker: RecordingMaker, count: int, pitch: Pitch) -> list[LabelledRecording]:
    """The first `count` recordings of a maker, labelled."""
    return [label_recording(maker.make(index), pitch) for index in range(count)]


def cached_set(
    make: Callable[[], list[LabelledRecording]], clips: Sequence[Clip], identity: str, folder: Path
) -> list[LabelledRecording]:
    """What `make` gives, kept below `folder` until clips, identity or the code behind recordings and labels change.

    Args:
        clips: what the recordings are drawn from.
        identity: seed, count and other arguments.
    """
    key = hashlib.sha256(identity.encode() + "\n".join(c.path for c in clips).encode())
    for part in BEHIND_RECORDINGS:
        key.update(inspect.getsource(part).encode())
    file = folder / f"set-{key.hexdigest()[:16]}.npz"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = make()
        arrays = {name: np.stack([getattr(r.labels, name) for r in made]) for name in LABEL_NAMES}
        texts = {name: np.array([getattr(r, name) for r in made]) for name in TEXT_NAMES}
        partial = file.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(partial, noisy=np.stack([r.noisy for r in made]), **arrays, **texts)
        os.replace(partial, file)
    with np.load(file) as kept:
        arrays = {name: kept[name] for name in kept.files}
    return [
        LabelledRecording(
            **{name: str(arrays[name][i]) for name in TEXT_NAMES}, noisy=arrays["noisy"][i],
            labels=FrameLabels(**{name: arrays[name][i] for name in LABEL_NAMES}),
        )
        for i in range(len(arrays["noisy"]))
    ]


def trackers_agree() -> Pitch:
    """Pitch labels that SwiftF0 and WORLD agree on; see `pitch_labels`."""
    first, second = swift_f0(), world()
    return lambda voice, speech: pitch_labels(voice, speech, first, second)
