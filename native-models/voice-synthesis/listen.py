"""How many words a run's synthesis loses: real speech of the valid split through z and back, judged by Whisper base.

For runs that are not exported; evaluate.py judges what is. See sotto_models/voice/word_check.py. `--codes` takes z from a trained
encoder's folder; without it z is the teacher's (units, two codebooks, soft).

Example:
    python listen.py --run synthesis-1 --voices ~/.cache/sotto/voices/corpus --recordings 20 --out words-synthesis-1.json
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

from sotto_models.corpus import corpus_folder  # noqa: E402
from sotto_models.judging.recognisers import whisper_base  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.synthesis_data import (  # noqa: E402
    codebook_checksum,
    expect_same_codebooks,
    read_recipes,
    read_sentences,
)
from sotto_models.voice.synthesis_net import MODES, load_synthesis  # noqa: E402
from sotto_models.voice.synthesis_render import registers_hz  # noqa: E402
from sotto_models.voice.word_check import JUDGE, LANGUAGES, chosen_clips, words_lost  # noqa: E402


def main() -> None:
    """Parses the command line, renders, judges, writes the figures and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: SOTTO_CORPUS")
    parser.add_argument("--run", required=True, help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--labels", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--codes", help="a folder of labels whose z is used instead of the teacher's")
    parser.add_argument("--voices", required=True, help="folder made by make_voices.py: how high each voice speaks")
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--out", required=True, help="JSON file that receives the figures")
    parser.add_argument("--keep", help="folder that receives the sounds too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs, voices = Path(options.runs).expanduser(), Path(options.voices).expanduser().resolve()
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    codes = VoiceLabels(Path(options.codes).expanduser()) if options.codes else labels
    expect_same_codebooks(codes, labels)
    weights = runs / options.run / options.weights
    net, corpus = load_synthesis(weights, codebook_checksum(labels.codebooks)), corpus_folder(options.corpus)
    registers = registers_hz(read_sentences(labels, voices, None, "train", 1), labels, read_recipes(voices))
    clips = chosen_clips(corpus, options.language, options.recordings)
    rows, recordings = words_lost(
        net, registers, labels, lambda path: codes.z(codes.clip(path)), corpus, clips, options.modes.split(","),
        options.language, whisper_base(), options.keep,
    )
    print(json.dumps(rows, indent=1), flush=True)
    state = torch.load(weights, weights_only=True)
    write_json(Path(options.out), {
        "schema": "sotto.words-lost/1", "finished": time.strftime("%Y-%m-%d"),
        "command": f"python native-models/voice-synthesis/listen.py --run {options.run} --voices FOLDER --recordings "
                   f"{options.recordings} --language {options.language}" + (" --codes FOLDER" if options.codes else ""),
        "judge": JUDGE,
        "z": "encoder" if options.codes else "teacher", "run": options.run, "steps": state["step"],
        "weights": sha256_of(weights), "modes": rows, "recordings": recordings,
    })


if __name__ == "__main__":
    main()
