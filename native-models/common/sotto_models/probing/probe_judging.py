"""The table of the probes: every system's answers about the same frames, as figures with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from .frame_labels import SNR_RANGE_DB
from .labelled_set import LabelledRecording
from .measures import area_under_curve, class_figures, confusion, pitch_figures, share_figure, value_figures
from .pitch_trackers import F0_RANGE_HZ
from .probe_fit import FittedProbe, FrameStore
from .probe_table import ProbeReader
from .probe_tasks import ProbeTask, answers
from .recordings import FAMILIES, NOISE_LABELS

Answer = Callable[[int, np.ndarray], np.ndarray]
"""Recording number and frame numbers (rows,) -> (rows, outputs): logits for classes, Hz for f0 (NaN for no value), dB for snr."""

WITH_A_SPEAKER = ("mixture", "clean")
LEAST_RIGHT_WHERE_SURE = 0.75
LEAST_ANSWERED = 0.4
PROBABILITIES = tuple(p / 100 for p in range(10, 95, 5))


@dataclass(frozen=True)
class System:
    """One line of the table.

    Attributes:
        features: how many numbers a frame it looks at; None for systems that hear the sound.
    """

    id: str
    title: str
    answer: Answer
    features: int | None = None


def of_probe(identifier: str, title: str, task: ProbeTask, probe: FittedProbe, store: FrameStore) -> System:
    """A fit, before its numbers were rounded for the table."""

    def answer(index: int, rows: np.ndarray) -> np.ndarray:
        return in_units(task, probe.outputs(store, index, rows))

    return System(identifier, title, answer, len(probe.columns))


def of_table(title: str, task: ProbeTask, reader: ProbeReader, store: FrameStore, features: int) -> System:
    """The table as the engine reads it: what ships is what is judged."""

    def answer(index: int, rows: np.ndarray) -> np.ndarray:
        bits = store.frames(index)
        if task.classes:
            return reader.outputs(task.name, bits, rows)
        return reader.clamped(task.name, bits, rows)[:, None]

    return System("shipped", title, answer, features)


def of_constant(task: ProbeTask, targets: np.ndarray) -> System:
    """The answer that is best without looking: the most frequent class, or the mean, of the fitted recordings."""
    if task.classes:
        best = int(np.bincount(targets, minlength=task.classes).argmax())
        line = np.array([1.0 if best else -1.0]) if task.classes == 2 else np.eye(task.classes)[best]
    else:
        line = in_units(task, np.array([[targets.mean()]]))[0]
    return System("constant", "Always the same answer", lambda _, rows: np.tile(line, (len(rows), 1)), 0)


def in_units(task: ProbeTask, output: np.ndarray) -> np.ndarray:
    """Sums as answers: log2 F0 to Hz and ratios in dB, both in their range; logits as they are."""
    if task.name == "f0":
        return np.clip(2.0**output, *F0_RANGE_HZ)
    return np.clip(output, *SNR_RANGE_DB) if task.name == "snr" else output


def judged_frames(task: ProbeTask, recordings: Sequence[LabelledRecording]) -> list[tuple[int, np.ndarray]]:
    """Recording and frame numbers that a task is judged on; speech and voice only where there is a speaker at all."""
    chosen = []
    for index, recording in enumerate(recordings):
        if task.name in ("speech", "voiced") and recording.kind not in WITH_A_SPEAKER:
            continue
        rows = task.known_frames(recording.labels)
        if len(rows):
            chosen.append((index, rows))
    return chosen


def judge(task: ProbeTask, recordings: Sequence[LabelledRecording], systems: Sequence[System]) -> dict:
    """All systems on the frames of one task.

    Returns:
        JSON value: frames, share of each class, and for each system id, title, features and figures.
    """
    chosen = judged_frames(task, recordings)
    truth = [task.target(recordings[i].labels)[rows] for i, rows in chosen]
    groups = [task.group(recordings[i]) for i, _ in chosen]
    lines = []
    for system in systems:
        output = [system.answer(i, rows) for i, rows in chosen]
        lines.append({
            "id": system.id, "title": system.title, "features": system.features,
            "figures": _figures(task, output, truth, groups),
        })
    value = {"frames": int(sum(map(len, truth))), "groups": len(set(groups)), "systems": lines}
    if task.classes:
        counts = np.bincount(np.concatenate(truth).astype(np.int64), minlength=task.classes)
        value["classShares"] = [round(float(c / counts.sum()), 4) for c in counts]
    return value


def _figures(task: ProbeTask, output: list[np.ndarray], truth: list[np.ndarray], groups: list[str]) -> dict:
    if task.classes:
        classes = [t.astype(np.int64) for t in truth]
        figures = class_figures([answers(o) for o in output], classes, groups, task.classes)
        if task.classes == 2:
            figures |= area_under_curve([o[:, 0] for o in output], classes, groups)
        return figures
    found = [o[:, 0] for o in output]
    if task.name == "f0":
        return pitch_figures(found, [2.0**t for t in truth], groups)
    return value_figures(found, truth, groups, "Db")


def noise_details(
    task: ProbeTask, recordings: Sequence[LabelledRecording], system: System, minimum_probability: float
) -> dict:
    """What lies behind the noise figure: confusion, the ten families on scenes alone, and what "unknown" leaves."""
    chosen = judged_frames(task, recordings)
    output = [system.answer(i, rows) for i, rows in chosen]
    truth = [task.target(recordings[i].labels)[rows].astype(np.int64) for i, rows in chosen]
    groups = [task.group(recordings[i]) for i, _ in chosen]
    table = confusion([answers(o) for o in output], truth, task.classes)
    scenes = [n for n, (i, _) in enumerate(chosen) if recordings[i].noise_source.startswith("scene_")]
    families = [(answers(output[n][:, : len(FAMILIES)]), truth[n], groups[n]) for n in scenes]
    sure = [softmax(o, axis=1).max(1) >= minimum_probability for o in output]
    right = [(answers(o) == t)[s] for o, t, s in zip(output, truth, sure, strict=True)]
    answered = [(r, g) for r, g in zip(right, groups, strict=True) if len(r)]
    return {
        "labels": list(NOISE_LABELS), "confusion": table.tolist(),
        "recall": {label: _ratio(table[i, i], table[i].sum()) for i, label in enumerate(NOISE_LABELS)},
        "familiesOnScenes": class_figures(*map(list, zip(*families, strict=True)), len(FAMILIES)) if families else None,
        "minimumProbability": minimum_probability,
        "answered": share_figure(sure, groups),
        "rightWhereAnswered": share_figure(*map(list, zip(*answered, strict=True))) if answered else None,
    }


def speech_details(task: ProbeTask, recordings: Sequence[LabelledRecording], systems: Sequence[System]) -> dict:
    """Speech accuracy beside each kind of noise, and how often speech is seen where nobody speaks at all."""
    details = {}
    for system in systems:
        by_noise: dict[str, list[int]] = {}
        alarms, groups = [], []
        for index, recording in enumerate(recordings):
            rows = task.known_frames(recording.labels)
            if not len(rows) or recording.kind not in (*WITH_A_SPEAKER, "noise", "silence"):
                continue
            answer = answers(system.answer(index, rows))
            if recording.kind in WITH_A_SPEAKER:
                sums = by_noise.setdefault(recording.noise_label, [0, 0])
                sums[0] += int((answer == task.target(recording.labels)[rows]).sum())
                sums[1] += len(rows)
            else:
                alarms.append(answer == 1)
                groups.append(recording.noise_source or recording.name)
        details[system.id] = {
            "accuracyByNoise": {label: _ratio(*sums) for label, sums in sorted(by_noise.items())},
            "falseAlarmsWithoutSpeaker": share_figure(alarms, groups) if alarms else None,
        }
    return details


def choose_minimum_probability(task: ProbeTask, store: FrameStore, reader: ProbeReader) -> float:
    """The lowest probability above which three answers of four are right on recordings for choosing.

    Where none reaches that, the one with most right answers that still answers two frames of five.
    """
    sure, right = [], []
    for index, recording in enumerate(store.recordings):
        rows = task.known_frames(recording.labels)
        if len(rows):
            output = reader.outputs("noise", store.frames(index), rows)
            sure.append(softmax(output, axis=1).max(1))
            right.append(answers(output) == task.target(recording.labels)[rows])
    probability, correct = np.concatenate(sure), np.concatenate(right)
    shares: Mapping[float, float] = {
        p: float(correct[probability >= p].mean()) for p in PROBABILITIES if (probability >= p).mean() >= LEAST_ANSWERED
    }
    enough = [p for p, share in shares.items() if share >= LEAST_RIGHT_WHERE_SURE]
    if enough:
        return min(enough)
    return max(shares, key=shares.__getitem__) if shares else PROBABILITIES[0]


def _ratio(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None
