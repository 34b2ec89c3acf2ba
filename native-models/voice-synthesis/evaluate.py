"""Judges the exported synthesis behind the exported encoder: how many words get lost, in every mode. Writes evaluation.json.

See sotto_models/voice/word_check.py. z is that of the encoder in ../voice-codes, as the product has it, or the teacher's where none
is exported yet; the file says which. F0 is that of the labels.

Example:
    python evaluate.py --corpus FOLDER --recordings 30
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import corpus_folder  # noqa: E402
from sotto_models.judging.recognisers import Recogniser, whisper_base  # noqa: E402
from sotto_models.mixture_judging import INTERVAL  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import read_clip, runs_folder  # noqa: E402
from sotto_models.voice.exported_encoder import ExportedEncoder  # noqa: E402
from sotto_models.voice.exported_synthesis import ExportedSynthesis  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.synthesis_data import codebook_checksum  # noqa: E402
from sotto_models.voice.word_check import JUDGE, LANGUAGES, chosen_clips, words_lost  # noqa: E402


def source_of_z(labels: VoiceLabels, encoder: Path) -> tuple[Callable[[Path], np.ndarray], dict]:
    """What gives z of a recording, and what evaluation.json says of it.

    Args:
        encoder: folder of the exported encoder; the teacher's z, out of the labels, where it has no model.json.
    """
    manifest_file = encoder / "model.json"
    if not manifest_file.is_file():
        return lambda path: labels.z(labels.clip(path)), {"from": "teacher"}
    level = json.loads(manifest_file.read_text(encoding="utf-8"))["levels"][0]
    encode = ExportedEncoder(encoder / level["file"])
    told = {"from": "encoder", "level": level["id"], "sha256": sha256_of(encoder / level["file"])}
    return functools.cache(lambda path: encode(read_clip(path.parent, path.name))), told


def evaluation(
    folder: Path, encoder: Path, labels: VoiceLabels, corpus: Path, recordings: int, recognise: Recogniser,
    kept: str | None = None,
) -> dict:
    """The contents of evaluation.json, without the command line's part.

    Args:
        folder: with model.json of the synthesis. encoder: see `source_of_z`.
        recordings: how many of each language.
        kept: folder that receives the sounds too.
    Raises:
        ValueError: labels and synthesis know other codebooks.
    """
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if codebook_checksum(labels.codebooks) != manifest["codebookSha256"]:
        raise ValueError(f"Expected {labels.folder} to have the codebook of {folder}, found another. Give the labels it learnt.")
    net, (z_of, told) = ExportedSynthesis(folder), source_of_z(labels, encoder)
    languages, level = {}, manifest["levels"][0]
    for language in LANGUAGES:
        clips = chosen_clips(corpus, language, recordings)
        if not clips:
            continue
        rows, heard = words_lost(
            net, net.registers_hz, labels, z_of, corpus, clips, manifest["modes"], language, recognise, kept,
        )
        languages[language] = {"modes": rows, "recordings": heard}
        print(language, json.dumps(rows), flush=True)
    return {
        "schema": "sotto.synthesis-evaluation/1", "finished": time.strftime("%Y-%m-%d"), "split": "valid", "judge": JUDGE,
        "interval": INTERVAL, "z": told, "languages": languages,
        "weights": {level["id"]: {"file": level["file"], "sha256": sha256_of(folder / level["file"])}},
    }


def main() -> None:
    """Parses the command line, renders, judges and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--labels", default=str(runs_folder() / "cache" / "voice-labels"))
    parser.add_argument("--recordings", type=int, default=20, help="of each language")
    parser.add_argument("--keep", help="folder that receives the sounds too")
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = evaluation(
        HERE, HERE.parent / "voice-codes", VoiceLabels(Path(options.labels).expanduser()), corpus_folder(options.corpus),
        options.recordings, whisper_base(), options.keep,
    )
    command = f"python native-models/voice-synthesis/evaluate.py --corpus FOLDER --labels FOLDER --recordings {options.recordings}"
    write_json(Path(options.out), {"command": command, **found})
    print(f"Written: {options.out}")


if __name__ == "__main__":
    main()
