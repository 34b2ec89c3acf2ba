"""Judges the exported levels on voices that shaped nothing, clean and in noise, and writes evaluation.json.

Example:
    python evaluate.py
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.mixing import coloured_noise, gain_for_snr  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.encoder_task import in_turns_of_speakers, judge_encoder  # noqa: E402
from sotto_models.voice.exported_encoder import ExportedEncoder, shipped_codebooks  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.phones import PhoneTracks  # noqa: E402
from sotto_models.voice.synthesis_data import codebook_checksum  # noqa: E402

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


def evaluation(folder: Path, labels: VoiceLabels, seconds: float) -> dict:
    """The contents of evaluation.json, without the command line's part: every level of model.json, as the product runs it.

    Args:
        labels: of the teacher, with valid clips.
        seconds: of valid speech, half of it synthetic.
    Raises:
        ValueError: the labels have other codebooks than the model, or no valid clips.
    """
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    books = shipped_codebooks(folder)
    if codebook_checksum(labels.codebooks) != codebook_checksum(books):
        raise ValueError(f"Expected {labels.folder} to have the codebooks of {folder}, found others. Give the labels it learnt.")
    clips = in_turns_of_speakers(labels.chosen("valid"), seconds)
    if not clips:
        raise ValueError(f"Expected valid clips in {labels.folder}, found none. Run label.py over the valid split.")
    levels = {}
    for level in manifest["levels"]:
        encode, rows = ExportedEncoder(folder / level["file"]), []
        for snr_db in NOISE_DB:
            found = judge_encoder(encode, clips, labels, NoisyClips(snr_db), books.first, PhoneTracks())
            rows.append({"snrDb": snr_db, **{name: round(value, 4) for name, value in found.items()}})
            print(level["id"], json.dumps(rows[-1]), flush=True)
        levels[level["id"]] = {"rows": rows}
    return {
        "schema": "sotto.codes-evaluation/1", "finished": time.strftime("%Y-%m-%d"), "split": "valid", "clips": len(clips),
        "speakers": len({clip.speaker for clip in clips}), "seed": SEED, "levels": levels,
        "weights": {
            level["id"]: {"file": level["file"], "sha256": sha256_of(folder / level["file"])} for level in manifest["levels"]
        },
    }


def main() -> None:
    """Parses the command line, judges and writes."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", default=str(runs_folder() / "cache" / "voice-labels"))
    parser.add_argument("--seconds", type=float, default=900.0, help="of valid speech, half of it synthetic")
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = evaluation(HERE, VoiceLabels(Path(options.labels)), options.seconds)
    command = f"python native-models/voice-codes/evaluate.py --labels FOLDER --seconds {options.seconds:g}"
    write_json(Path(options.out), {"command": command, **found})
    print(f"Written: {options.out}")


if __name__ == "__main__":
    main()
