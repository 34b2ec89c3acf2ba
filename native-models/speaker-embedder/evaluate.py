"""Judges the exported embedder on speakers that shaped nothing, compared as the product compares, and writes evaluation.json.

Example:
    python evaluate.py --corpus FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder, read_manifest  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.judging.verification import BOOTSTRAP_RESAMPLES  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip  # noqa: E402
from sotto_models.statistics import RESAMPLES  # noqa: E402
from sotto_models.voice.exported_embedder import ExportedEmbedder  # noqa: E402
from sotto_models.voice.speaker_judging import VoicePairs, speaking_clips  # noqa: E402

KINDS = {"speech": "read and spoken", "emotion": "acted"}


def evaluation(folder: Path, corpus: Path, split: str = "test") -> dict:
    """The contents of evaluation.json, without the command line's part: every level of model.json, as the product runs it.

    Args:
        split: whose speakers judge; those of the test split shaped neither weight nor calibration.
    Raises:
        ValueError: no kind of speech has two speakers whose names are known.
    """
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    clips = speaking_clips(read_manifest(corpus), split)
    levels = {}
    for level in model["levels"]:
        embed, rows = ExportedEmbedder(folder / level["file"]), []
        for kind in KINDS:
            chosen = [clip for clip in clips if clip.kind == kind]
            if len({(clip.source, clip.speaker) for clip in chosen}) < 2:
                continue
            pairs = VoicePairs(embed, chosen, lambda clip: read_clip(corpus, clip.path))
            rows.append({"kind": kind, **pairs.measures()})
            print(level["id"], json.dumps(rows[-1]), flush=True)
        if not rows:
            raise ValueError(f"Expected two named speakers in the {split} split of {corpus}, found fewer. Give another corpus.")
        levels[level["id"]] = {"rows": rows}
    return {
        "schema": "sotto.embedder-evaluation/1", "finished": time.strftime("%Y-%m-%d"), "split": split, "levels": levels,
        "interval": f"95 % of {BOOTSTRAP_RESAMPLES} (rate) and {RESAMPLES} (cosines) resamples of whole speakers",
        "weights": {level["id"]: {"file": level["file"], "sha256": sha256_of(folder / level["file"])} for level in model["levels"]},
    }


def main() -> None:
    """Parses the command line, judges and writes."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--split", default="test", choices=("valid", "test"))
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = evaluation(HERE, corpus_folder(options.corpus), options.split)
    command = f"python native-models/speaker-embedder/evaluate.py --corpus FOLDER --split {options.split}"
    write_json(Path(options.out), {"command": command, **found})
    print(f"Written: {options.out}")


if __name__ == "__main__":
    main()
