"""What is asked of the masks: the target of each probe, the frames it is about, and the windows it may choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .frame_labels import UNKNOWN, FrameLabels
from .labelled_set import LabelledRecording
from .recordings import NOISE_LABELS

Window = tuple[int, int]
"""averageFrames and delayFrames, as the engine reads them."""


@dataclass(frozen=True)
class ProbeTask:
    """One question.

    Attributes:
        classes: how many answers; 0 asks for a value.
        target: labels -> (frames,), class numbers or values; negative classes and NaN are not known.
        balanced: every class weighs the same in the fit.
        window: averageFrames and delayFrames while bits are chosen.
        windows: candidates for the final fit.
        stride: every which known frame is fitted on; neighbours are nearly alike.
        group: whom the intervals resample.
    """

    name: str
    classes: int
    target: Callable[[FrameLabels], np.ndarray]
    balanced: bool
    window: Window
    windows: tuple[Window, ...]
    stride: int
    group: Callable[[LabelledRecording], str]

    def known_frames(self, labels: FrameLabels) -> np.ndarray:
        """Numbers of the frames whose answer is known, (known,)."""
        target = self.target(labels)
        return np.flatnonzero(target >= 0 if self.classes else np.isfinite(target))

    def score(self, output: np.ndarray, target: np.ndarray) -> float:
        """How good outputs are, higher is better: accuracy, mean recall for balanced classes, R2 for values.

        Args:
            output: (rows, outputs) of a LinearFit. target: (rows,).
        """
        if not self.classes:
            return float(1 - np.mean((output[:, 0] - target) ** 2) / np.var(target))
        answer = answers(output)
        if not self.balanced:
            return float(np.mean(answer == target))
        return float(np.mean([np.mean(answer[target == c] == c) for c in np.unique(target)]))


def answers(output: np.ndarray) -> np.ndarray:
    """Class of each row: the sign of one output, the largest of several; (rows, outputs) -> (rows,)."""
    return (output[:, 0] > 0).astype(np.int64) if output.shape[1] == 1 else output.argmax(1)


def _windows(averages: tuple[int, ...], delays: tuple[int, ...]) -> tuple[Window, ...]:
    return tuple((a, d) for a in averages for d in delays if d < a)


def _speaker(recording: LabelledRecording) -> str:
    return recording.group


def _source(recording: LabelledRecording) -> str:
    """Room tone and synthetic sounds are drawn anew for each recording, so each is a source of its own."""
    known = recording.noise_source and recording.noise_source not in ("synthetic", "voices")
    return recording.noise_source if known else recording.name


TASKS = (
    ProbeTask(
        "speech", 2, lambda labels: labels.speech, False, (13, 6),
        _windows((9, 13, 17, 25), (4, 6, 8, 10)), 3, _speaker,
    ),
    ProbeTask(
        "voiced", 2, lambda labels: labels.voiced, False, (5, 2),
        _windows((3, 5, 7, 9), (1, 2, 3)), 3, _speaker,
    ),
    ProbeTask(
        "f0", 0, lambda labels: np.log2(labels.f0_hz), False, (5, 2),
        _windows((3, 5, 7, 9, 13), (2, 3, 4, 6)), 1, _speaker,
    ),
    ProbeTask(
        "snr", 0, lambda labels: labels.snr_db, False, (31, 10),
        _windows((21, 31, 47), (5, 10)), 3, _speaker,
    ),
    ProbeTask(
        "noise", len(NOISE_LABELS), lambda labels: labels.noise, True, (62, 0),
        _windows((62, 125), (0, 10)), 12, _source,
    ),
    ProbeTask(
        "domain", 2, lambda labels: labels.domain, True, (62, 10),
        _windows((31, 62, 125), (0, 10)), 8, _source,
    ),
)

assert UNKNOWN < 0, "known_frames takes negative classes for unknown"
