"""Fitting one probe: all features first, then the bits that matter, then the window; chosen on other recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .frame_features import FrameFeatures, means_of_totals, running_totals, window_means
from .labelled_set import LabelledRecording
from .linear_fits import ClassFit, LinearFit, ValueFit
from .probe_tasks import ProbeTask, Window

KEPT_FEATURES = 200
FIRST_CUT = 600
MOST_ROWS_OF_ALL = 16_000
"""Rows of every fit, evenly thinned, so that a probe and its controls learn from the same frames.

More of the same recordings change little, and cost minutes on all features.
"""

PENALTIES = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)

Design = tuple[np.ndarray, np.ndarray]
"""Features (rows, columns), float32, and targets (rows,)."""


class FrameStore:
    """Features of all frames of some recordings: bits packed, other values in half precision.

    Args:
        recordings: whose labels go with the frames.
        values: (frames, features) of each recording; uint8 is taken for bits.
    """

    def __init__(self, recordings: Sequence[LabelledRecording], values: Iterable[np.ndarray]):
        self.recordings = list(recordings)
        self._values, self._widths = [], []
        self._totals: list[np.ndarray] | None = None
        for frames in values:
            self._widths.append(frames.shape[1])
            bits = frames.dtype == np.uint8
            self._values.append(np.packbits(frames, axis=1) if bits else _halved(frames))

    @classmethod
    def of(cls, recordings: Sequence[LabelledRecording], features: FrameFeatures) -> FrameStore:
        """Runs `features` over each recording."""
        return cls(recordings, (features(recording.noisy) for recording in recordings))

    def signs(self) -> FrameStore:
        """The bits "value > 0" of the same frames: gates out of their logits."""
        return FrameStore(self.recordings, ((v > 0).astype(np.uint8) for v in self._values))

    def narrowed(self, columns: np.ndarray) -> FrameStore:
        """Only some features, in the order of `columns`; their sums are kept, for many windows."""
        few = FrameStore(self.recordings, (self.frames(i)[:, columns] for i in range(len(self.recordings))))
        few._totals = [running_totals(few.frames(i)) for i in range(len(self.recordings))]
        return few

    def frames(self, index: int) -> np.ndarray:
        """All features of one recording, (frames, features), uint8 bits or float16."""
        values = self._values[index]
        return np.unpackbits(values, axis=1, count=self._widths[index]) if values.dtype == np.uint8 else values

    def design(
        self, task: ProbeTask, window: Window, thinning: int = 1
    ) -> Design:
        """Window means (rows, features) and targets (rows,) of the task's known frames over all recordings."""
        parts, targets = [], []
        for index, recording in enumerate(self.recordings):
            rows = task.known_frames(recording.labels)[index % task.stride :: task.stride * thinning]
            if len(rows):
                total = self._totals[index] if self._totals else running_totals(self.frames(index))
                parts.append(means_of_totals(total, rows, *window))
                targets.append(task.target(recording.labels)[rows])
        target = np.concatenate(targets)
        return np.concatenate(parts), target.astype(np.int64) if task.classes else target.astype(np.float64)

    def rows(self, task: ProbeTask) -> int:
        """How many rows a design without thinning has, about."""
        return sum(len(task.known_frames(r.labels)) for r in self.recordings) // task.stride

    def mean_values(self) -> np.ndarray:
        """Mean of each feature over all frames, (features,)."""
        return np.mean([self.frames(i).mean(0, dtype=np.float64) for i in range(len(self.recordings))], 0)


@dataclass(frozen=True)
class FittedProbe:
    """A fit with what it looks at.

    Attributes:
        columns: (kept,), which features, ascending.
        score: `ProbeTask.score` on the recordings for choosing.
        penalty: the chosen one.
    """

    columns: np.ndarray
    window: Window
    fit: LinearFit
    score: float
    penalty: float

    def outputs(self, store: FrameStore, index: int, rows: np.ndarray) -> np.ndarray:
        """What it says about some frames of a recording, (rows, outputs)."""
        return self.fit.predict(window_means(store.frames(index)[:, self.columns], rows, *self.window))


def _halved(values: np.ndarray) -> np.ndarray:
    """In half precision, cut at its largest number: a rare logit is beyond it, and one infinity would spoil every mean."""
    largest = np.finfo(np.float16).max
    return np.clip(values, -largest, largest).astype(np.float16)


Report = Callable[[str], None]


def fit_probe(
    task: ProbeTask, train: FrameStore, valid: FrameStore, kept: int = KEPT_FEATURES, report: Report = print
) -> tuple[FittedProbe, FittedProbe]:
    """The probe on all features, and the one on the `kept` strongest; both on the same rows and at the best window.

    Penalty and window are chosen on `valid`, the window among those of the task by the strongest features. Bits are
    chosen by |weight| * standard deviation, in two cuts: weights of bits that say the same share what one of them would
    have, and the first cut lets them find that out.

    Args:
        train: fitted on. valid: chosen on; other speakers and other source recordings.
    """
    thinning = -(-train.rows(task) // MOST_ROWS_OF_ALL)
    design, judged = train.design(task, task.window, thinning), valid.design(task, task.window)
    columns = np.arange(design[0].shape[1])
    whole = strongest = _best_penalty(task, design, judged, columns, task.window, PENALTIES)
    for size in (FIRST_CUT, kept):
        if len(columns) > size:
            columns = columns[np.sort(np.argsort(-strongest.fit.importance, kind="stable")[:size])]
            parts = [(x[:, columns], y) for x, y in (design, judged)]
            penalties = PENALTIES[PENALTIES.index(strongest.penalty) :]
            strongest = _best_penalty(task, *parts, columns, task.window, penalties)
    del design, judged
    few, few_judged = train.narrowed(columns), valid.narrowed(columns)
    trials = []
    for window in task.windows:
        parts = few.design(task, window, thinning), few_judged.design(task, window)
        trials.append(_best_penalty(task, *parts, columns, window, (strongest.penalty,)))
    window = max(trials, key=lambda trial: trial.score).window
    parts = few.design(task, window, thinning), few_judged.design(task, window)
    final = _best_penalty(task, *parts, columns, window, PENALTIES)
    if len(columns) == len(whole.columns):
        whole = final
    elif window != whole.window:
        parts = train.design(task, window, thinning), valid.design(task, window)
        other = _best_penalty(task, *parts, whole.columns, window, _near(whole.penalty))
        whole = max(whole, other, key=lambda probe: probe.score)
    report(
        f"  {task.name}: all {len(whole.columns)} features {whole.score:.4f} at {whole.window} (penalty {whole.penalty}), "
        f"{len(columns)} of them {final.score:.4f} at {window} (penalty {final.penalty}); {len(parts[0][1])} rows"
    )
    return whole, final


def _near(penalty: float) -> tuple[float, ...]:
    """A penalty with its neighbours, strongest first: another window needs about the same one."""
    place = PENALTIES.index(penalty)
    return PENALTIES[max(0, place - 1) : place + 2]


def _best_penalty(
    task: ProbeTask, design: Design, judged: Design, columns: np.ndarray, window: Window, penalties: tuple[float, ...]
) -> FittedProbe:
    """Weakens the penalty, which must come strongest first, until that has made things worse on `judged` twice.

    Equal scores do not count: under the strongest penalties all answers are the most frequent class.
    """
    fit_at = (ClassFit(*design, task.classes, task.balanced) if task.classes else ValueFit(*design)).at
    best, worse = None, 0
    for penalty in penalties:
        fit = fit_at(penalty)
        score = task.score(fit.predict(judged[0]), judged[1])
        if best is None or score >= best.score:
            best = FittedProbe(columns, window, fit, score, penalty)
            continue
        worse += 1
        if worse == 2:
            break
    return best
