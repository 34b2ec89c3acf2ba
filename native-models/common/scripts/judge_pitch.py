"""Judges the product's F0 tracker (electron/engine/dsp/pitch-tracker.ts) on real speech, beside a rival and a control.

The truth is where two trackers of clean speech agree: SwiftF0 and WORLD (`sotto_models.probing.pitch_trackers`). Judged are
the product's tracker, WORLD itself and a control that calls every frame voiced at the median pitch of all speakers, on
clean speech and in noise, per speaker, over speakers of the valid split.

    gross error     share of frames that both call voiced whose pitch is more than 20 % off
    missed          share of voiced frames called unvoiced
    false alarm     share of unvoiced frames called voiced
    voicing error   share of all frames whose truth is known that are called wrongly

SwiftF0 is given beside them in noise; on clean speech it is part of the truth.

Example:
    python judge_pitch.py --corpus FOLDER --out ../measures/pitch-tracker.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.corpus import corpus_folder, read_manifest  # noqa: E402
from sotto_models.mixing import gain_for_snr  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, read_clip  # noqa: E402
from sotto_models.probing.frame_labels import UNKNOWN, frame_count  # noqa: E402
from sotto_models.probing.pitch_trackers import pitch_labels, swift_f0, world  # noqa: E402
from sotto_models.stft import HOP_SAMPLES  # noqa: E402

SNRS_DB: tuple[float | None, ...] = (None, 10.0, 0.0)
GROSS_SHARE = 0.2
SECONDS_PER_SPEAKER = 12.0
NAMES = ("sotto", "world", "swift-f0", "control")

Track = Callable[[Sequence[np.ndarray]], list[np.ndarray]]
"""Signals -> F0 in Hz, 0 unvoiced, at every 256th sample."""


@dataclass(frozen=True)
class Spoken:
    """One clip with its truth, per 256 samples."""

    speaker: str
    samples: np.ndarray
    voiced: np.ndarray
    """1, 0 or UNKNOWN."""
    f0_hz: np.ndarray


def sotto(costs: dict | None = None) -> tuple[Track, dict]:
    """The product's tracker; the dict receives seconds of sound and of processor time."""
    spent = {"seconds": 0.0, "cpuSeconds": 0.0}

    def track(signals: Sequence[np.ndarray]) -> list[np.ndarray]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            entries = [{"input": str(folder / f"{n}.in"), "output": str(folder / f"{n}.out"),
                        "sampleRateHz": SAMPLE_RATE_HZ} for n in range(len(signals))]
            for entry, signal in zip(entries, signals, strict=True):
                signal.astype("<f4").tofile(entry["input"])
            (folder / "list.json").write_text(json.dumps(entries), encoding="utf-8")
            command = ["node", str(Path(__file__).with_name("track-pitch.mjs")), str(folder / "list.json")]
            if costs is not None:
                (folder / "costs.json").write_text(json.dumps(costs), encoding="utf-8")
                command.append(str(folder / "costs.json"))
            answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
            for key, value in json.loads(answer).items():
                spent[key] += value
            tracks = [np.fromfile(entry["output"], "<f4").reshape(-1, 2)[:, 0] for entry in entries]
        return [at_hops(track, len(signal)) for track, signal in zip(tracks, signals, strict=True)]

    return track, spent


def at_hops(track: np.ndarray, samples: int) -> np.ndarray:
    """A track of 100 frames a second at every 256th sample: the nearest frame."""
    seconds = np.arange(frame_count(samples)) * HOP_SAMPLES / SAMPLE_RATE_HZ
    return track[np.minimum(len(track) - 1, np.rint(seconds * 100).astype(int))]


def rival(tracker: Callable, sure: float) -> Track:
    """A tracker of the probing package, voiced where it is at least this sure."""
    def track(signals: Sequence[np.ndarray]) -> list[np.ndarray]:
        found = [tracker(signal) for signal in signals]
        return [np.where(certainty >= sure, hertz, 0.0) for hertz, certainty in found]

    return track


def errors(clips: Sequence[Spoken], tracks: Sequence[np.ndarray]) -> dict[str, float]:
    """Error shares over some clips, as the module's docstring names them."""
    counts = dict.fromkeys(("voiced", "unvoiced", "both", "gross", "octave", "missed", "alarm"), 0)
    cents: list[np.ndarray] = []
    for clip, track in zip(clips, tracks, strict=True):
        frames = min(len(track), len(clip.voiced))
        truth, f0, found = clip.voiced[:frames], clip.f0_hz[:frames], track[:frames]
        voiced, unvoiced = truth == 1, truth == 0
        both = voiced & (found > 0)
        ratio = found[both] / f0[both]
        gross = np.abs(ratio - 1) > GROSS_SHARE
        counts["voiced"] += int(voiced.sum())
        counts["unvoiced"] += int(unvoiced.sum())
        counts["both"] += int(both.sum())
        counts["gross"] += int(gross.sum())
        counts["octave"] += int((np.abs(np.abs(np.log2(ratio)) - 1) < 0.1).sum())
        counts["missed"] += int((voiced & (found == 0)).sum())
        counts["alarm"] += int((unvoiced & (found > 0)).sum())
        cents.append(np.abs(1200 * np.log2(ratio[~gross])))
    known = counts["voiced"] + counts["unvoiced"]
    return {
        "grossError": counts["gross"] / max(1, counts["both"]),
        "octaveError": counts["octave"] / max(1, counts["both"]),
        "missed": counts["missed"] / max(1, counts["voiced"]),
        "falseAlarm": counts["alarm"] / max(1, counts["unvoiced"]),
        "voicingError": (counts["missed"] + counts["alarm"]) / max(1, known),
        "medianCents": float(np.median(np.concatenate(cents))) if sum(map(len, cents)) else float("nan"),
    }


def spoken_clips(corpus: Path, split: str, speakers: int) -> list[Spoken]:
    """Clips of this many speakers of a split, a few seconds each, with their truth."""
    swift, second = swift_f0(), world()
    chosen: dict[str, float] = {}
    result = []
    for clip in read_manifest(corpus):
        if clip.kind != "speech" or clip.split != split or not clip.speaker:
            continue
        if clip.speaker not in chosen and len(chosen) == speakers:
            continue
        if chosen.setdefault(clip.speaker, 0.0) >= SECONDS_PER_SPEAKER:
            continue
        samples = read_clip(corpus, clip.path)[:int(SECONDS_PER_SPEAKER * SAMPLE_RATE_HZ)].astype(np.float64)
        chosen[clip.speaker] += len(samples) / SAMPLE_RATE_HZ
        speech = np.ones(frame_count(len(samples)), bool)
        voiced, f0_hz = truth(samples, speech, swift, second)
        result.append(Spoken(clip.speaker, samples, voiced, f0_hz))
    return result


def truth(samples: np.ndarray, speech: np.ndarray, swift: Callable, second: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Voicing (1, 0, UNKNOWN) and F0 that two trackers agree on."""
    return pitch_labels(samples, speech, swift, second)


def noises(corpus: Path, split: str) -> list[np.ndarray]:
    """Noise clips of a split, whole."""
    rows = [clip for clip in read_manifest(corpus) if clip.kind == "noise" and clip.split == split]
    return [read_clip(corpus, clip.path).astype(np.float64) for clip in rows]


def in_noise(clips: Sequence[Spoken], beds: Sequence[np.ndarray], snr_db: float | None, seed: int) -> list[np.ndarray]:
    """The clips' sound, with noise of this ratio under it."""
    if snr_db is None:
        return [clip.samples for clip in clips]
    random = np.random.default_rng(seed)
    mixed = []
    for clip in clips:
        bed = beds[random.integers(len(beds))]
        start = random.integers(len(bed))
        noise = np.resize(np.roll(bed, -start), len(clip.samples))
        mixed.append(clip.samples + gain_for_snr(clip.samples, noise, snr_db) * noise)
    return mixed


def interval(clips: Sequence[Spoken], tracks: Sequence[np.ndarray], seed: int) -> dict[str, list[float]]:
    """95 % intervals by drawing speakers again, 500 times."""
    random = np.random.default_rng(seed)
    speakers = sorted({clip.speaker for clip in clips})
    drawn = []
    for _ in range(500):
        wanted = random.choice(speakers, len(speakers))
        places = [n for speaker in wanted for n, clip in enumerate(clips) if clip.speaker == speaker]
        drawn.append(errors([clips[n] for n in places], [tracks[n] for n in places]))
    return {key: [float(q) for q in np.quantile([each[key] for each in drawn], (0.025, 0.975))]
            for key in ("grossError", "voicingError")}


def main() -> None:
    """Tracks, judges, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--split", default="valid", choices=("train", "valid"), help="train is for tuning the costs")
    parser.add_argument("--speakers", type=int, default=24)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--costs", help="JSON of costs to try instead of the product's; for tuning, on train only")
    options = parser.parse_args()
    if options.costs and options.split != "train":
        parser.error("Expected --split train with --costs: valid speakers judge, they do not tune.")
    corpus = corpus_folder(options.corpus)
    clips = spoken_clips(corpus, options.split, options.speakers)
    beds = noises(corpus, options.split)
    middle = float(np.median(np.concatenate([clip.f0_hz[clip.voiced == 1] for clip in clips])))
    own, spent = sotto(json.loads(options.costs) if options.costs else None)
    trackers: dict[str, Track] = {
        "sotto": own,
        "world": rival(world(), 0.5),
        "swift-f0": rival(swift_f0(), 0.5),
        "control": lambda signals: [np.full(frame_count(len(signal)), middle) for signal in signals],
    }
    rows = []
    for snr_db in SNRS_DB:
        signals = in_noise(clips, beds, snr_db, options.seed)
        for name in NAMES:
            if snr_db is None and name == "swift-f0":
                continue
            tracks = trackers[name](signals)
            row = {"tracker": name, "snrDb": snr_db, **errors(clips, tracks),
                   "interval95": interval(clips, tracks, options.seed)}
            rows.append(row)
            print({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()},
                  flush=True)
    known = sum(int((clip.voiced != UNKNOWN).sum()) for clip in clips)
    write_json(options.out, {
        "schema": "sotto.pitch-judgement/1",
        "command": f"python judge_pitch.py --split {options.split} --speakers {options.speakers} --seed {options.seed}",
        "speakers": len({clip.speaker for clip in clips}), "clips": len(clips), "framesJudged": known,
        "controlHz": middle, "rows": rows,
        "cpuMsPerSecond": 1000 * spent["cpuSeconds"] / max(1e-9, spent["seconds"]),
    })


if __name__ == "__main__":
    main()
