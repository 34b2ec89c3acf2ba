"""Judges exported or trained encoders on voices that shaped nothing, clean and in noise: writes evaluation.json.

Example:
    python evaluate.py --weights RUN/best.pt --level edge
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.mixing import coloured_noise, gain_for_snr  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.encoder_export import load_encoder  # noqa: E402
from sotto_models.voice.encoder_task import in_turns_of_speakers, judge_encoder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.phones import PhoneTracks  # noqa: E402

SEED = 31
NOISE_DB = (None, 20.0, 10.0)


class NoisyClips:
    """Reads clips with coloured noise at a ratio over the whole clip, the same for every encoder."""

    def __init__(self, snr_db: float | None):
        self._snr_db = snr_db

    def read(self, path: str) -> np.ndarray:
        """(samples,), 16 kHz."""
        clean = read_clip(Path(path).parent, Path(path).name)
        if self._snr_db is None:
            return clean
        noise = coloured_noise(np.random.default_rng([SEED, len(clean)]), len(clean))
        return (clean + gain_for_snr(clean, noise, self._snr_db) * noise).astype(np.float32)


def main() -> None:
    """Parses the command line, judges and writes."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True, help="checkpoint of a run")
    parser.add_argument("--level", default="edge")
    parser.add_argument("--labels", default=str(runs_folder() / "cache" / "voice-labels"))
    parser.add_argument("--seconds", type=float, default=900.0, help="of valid speech, half of it synthetic")
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    labels = VoiceLabels(Path(options.labels))
    encoder = load_encoder(Path(options.weights), labels.codebooks)
    clips = in_turns_of_speakers(labels.chosen("valid"), options.seconds)
    rows = []
    for snr_db in NOISE_DB:
        found = judge_encoder(encoder, clips, labels, NoisyClips(snr_db), labels.codebooks.first, PhoneTracks())
        rows.append({"snrDb": snr_db, **{name: round(value, 4) for name, value in found.items()}})
        print(json.dumps(rows[-1]), flush=True)
    out = Path(options.out)
    levels = json.loads(out.read_text(encoding="utf-8"))["levels"] if out.exists() else {}
    levels[options.level] = {"split": "valid", "clips": len(clips), "rows": rows}
    write_json(out, {
        "command": "python native-models/voice-codes/evaluate.py --weights RUN/best.pt --level LEVEL "
        f"--seconds {options.seconds:g}",
        "levels": levels,
    })


if __name__ == "__main__":
    main()
