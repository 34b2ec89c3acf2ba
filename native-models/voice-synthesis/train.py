"""Trains the synthesis: from codes, F0 and a voice to the filters of speech.

It learns from synthetic voices (make_voices.py, make_pairs.py) and, for the variety of words, from people's recordings, labelled by
../voice-codes/label.py. `--codes` takes z from another folder in the labels' form; `--encoder` reads it from the sound.

Example:
    python train.py --voices ~/.cache/sotto/voices/corpus --pairs ~/.cache/sotto/voices/pairs --until-minutes 90
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402
from sotto_models.voice.encoder_export import load_encoder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.synthesis_data import codebook_checksum  # noqa: E402
from sotto_models.voice.synthesis_net import expect_codebook  # noqa: E402
from sotto_models.voice.synthesis_training import build_run  # noqa: E402
from sotto_models.voice.teacher import default_folder, load_teacher  # noqa: E402


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", required=True, help="folder made by make_voices.py")
    parser.add_argument("--pairs", help="folder made by make_pairs.py")
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs and of the labels")
    parser.add_argument("--labels", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--codes", help="a further folder of labels whose z is used instead")
    parser.add_argument("--encoder", help="RUN/FILE of a trained encoder that reads z from the sound, such as codes-edge/best.pt")
    parser.add_argument("--teacher", default=str(default_folder()), help="folder of the recogniser, for its loss")
    parser.add_argument("--config", default=str(HERE / "conf" / "base.yaml"))
    parser.add_argument("--run", default="voice-synthesis", help="name of the run folder")
    parser.add_argument("--steps", type=int, help="total steps instead of the configured number")
    parser.add_argument("--until-minutes", type=float, help="follow the wall clock: end after so many minutes")
    parser.add_argument("--threads", type=int, help="instead of the configured number")
    parser.add_argument("--resume", action="store_true", help="continue from last.pt of this run")
    parser.add_argument("--start-from", help="RUN/FILE whose weights a fresh run begins with")
    options = parser.parse_args()
    config = yaml.safe_load(Path(options.config).read_text(encoding="utf-8"))
    for name, value in (("steps", options.steps), ("until_minutes", options.until_minutes), ("threads", options.threads)):
        if value:
            config["training"][name] = value
    torch.set_num_threads(config["training"].get("threads", 1))
    runs = Path(options.runs).expanduser()
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    codes = VoiceLabels(Path(options.codes).expanduser()) if options.codes else None
    needs_recogniser = config["loss"].get("recogniser_weight", 0) > 0
    teacher = load_teacher(Path(options.teacher).expanduser()) if needs_recogniser else None
    voices, pairs = (Path(p).expanduser().resolve() if p else None for p in (options.voices, options.pairs))
    encoder = load_encoder(runs / options.encoder, labels.codebooks) if options.encoder else None
    loop = build_run(config, labels, voices, pairs, runs / options.run, codes, teacher, encoder)
    last = runs / options.run / "last.pt"
    begins = last if options.resume and last.exists() else runs / options.start_from if options.start_from else None
    if begins:
        expect_codebook(begins, codebook_checksum(labels.codebooks))
    resumed = options.resume and loop.resume()
    if options.resume and not resumed:
        print("Expected last.pt to resume from, found none; starting afresh.", file=sys.stderr)
    if options.start_from and not resumed:
        loop.start_from(runs / options.start_from)
    loop.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
