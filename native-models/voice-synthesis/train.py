"""Trains the synthesis: from codes, F0 and a voice to the filters of speech.

It learns from synthetic voices (make_voices.py, make_pairs.py) and, for the variety of words, from people's recordings, labelled by
../voice-codes/label.py. `--codes` takes z from another folder in the labels' form; `--encoder` reads it from the sound.

Example:
    python train.py --voices ~/.cache/sotto/voices/corpus --pairs ~/.cache/sotto/voices/pairs --until-minutes 90
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.training_command import begin, configured, training_parser, written_command  # noqa: E402
from sotto_models.voice.encoder_export import load_encoder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.synthesis_data import codebook_checksum  # noqa: E402
from sotto_models.voice.synthesis_net import expect_codebook  # noqa: E402
from sotto_models.voice.synthesis_training import build_run  # noqa: E402
from sotto_models.voice.teacher import default_folder, load_teacher  # noqa: E402


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = training_parser(__doc__, HERE / "conf" / "base.yaml", "voice-synthesis")
    parser.add_argument("--voices", metavar="FOLDER", required=True, help="folder made by make_voices.py")
    parser.add_argument("--pairs", metavar="FOLDER", help="folder made by make_pairs.py")
    parser.add_argument("--labels", metavar="FOLDER", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--codes", metavar="FOLDER", help="a further folder of labels whose z is used instead")
    parser.add_argument("--encoder", help="RUN/FILE of a trained encoder that reads z from the sound, such as codes-edge/best.pt")
    parser.add_argument("--teacher", metavar="FOLDER", default=str(default_folder()), help="folder of the recogniser, for its loss")
    options = parser.parse_args()
    config = configured(options)
    torch.set_num_threads(config["training"].get("threads", 1))
    runs = Path(options.runs)
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    codes = VoiceLabels(Path(options.codes).expanduser()) if options.codes else None
    needs_recogniser = config["loss"].get("recogniser_weight", 0) > 0
    teacher = load_teacher(Path(options.teacher).expanduser()) if needs_recogniser else None
    voices, pairs = (Path(p).expanduser().resolve() if p else None for p in (options.voices, options.pairs))
    encoder = load_encoder(runs / options.encoder, labels.codebooks) if options.encoder else None
    loop = build_run(config, labels, voices, pairs, runs / options.run, codes, teacher, encoder)
    command = written_command(parser, options, Path(__file__).resolve())
    begin(loop, options, command, lambda weights: expect_codebook(weights, codebook_checksum(labels.codebooks)))
    loop.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
