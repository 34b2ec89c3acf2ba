"""Trains the Conv-FSENet enhancer.

Example:
    python train.py --corpus FOLDER --config conf/dense.yaml --run dense --until-minutes 100
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from sotto_models.corpus import corpus_folder, hours_by_kind, read_manifest, training_clips  # noqa: E402
from sotto_models.crop_labels import LabelledMixer  # noqa: E402
from sotto_models.evaluation_list import evaluation_clips, evaluation_mixtures  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.mixing import Mixer  # noqa: E402
from sotto_models.mixing_config import MixingConfig  # noqa: E402
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig  # noqa: E402
from sotto_models.pcm_cache import open_cache  # noqa: E402
from sotto_models.pitch_cache import open_pitch_tracks  # noqa: E402
from sotto_models.probing.foreign_sounds import foreign_sound  # noqa: E402
from sotto_models.probing.pitch_trackers import Tracker, swift_f0  # noqa: E402
from sotto_models.training import Trainer, TrainingConfig  # noqa: E402
from sotto_models.training_command import begin, configured, training_parser, written_command  # noqa: E402


def build_trainer(
    config: dict, corpus: Path, run_folder: Path, cache_folder: Path, voices: Sequence[Path] = (),
    tracker: Callable[[], Tracker] = swift_f0,
) -> Trainer:
    """A trainer out of a configuration file's contents; weights start from the configured seed.

    Args:
        config: parsed YAML with `network`, `training`, `mixing`, `validation` and `allow_copyleft`.
        voices: further corpus folders whose train rows are used too, such as make_voices.py makes.
        tracker: labels the F0 of clean speech where `gate_heads` ask for labels.
    """
    training = TrainingConfig.from_dict(config["training"])
    torch.manual_seed(training.seed)
    network_config = ConvFsenetConfig.from_dict(config["network"])
    manifest = read_manifest(corpus)
    clips = training_clips(manifest, "train", config["allow_copyleft"])
    for folder in voices:
        # With absolute paths, one cache reads all folders.
        clips += [
            dataclasses.replace(clip, path=str((folder / clip.path).resolve()))
            for clip in training_clips(read_manifest(folder), "train", config["allow_copyleft"])
        ]
    cache = open_cache(corpus, clips, cache_folder)
    mixer = Mixer(cache, clips, MixingConfig.from_dict(config["mixing"]), training.seed, foreign_sound)
    if training.needs_labels:
        talk = [clip for clip in clips if clip.kind in ("speech", "emotion")]
        mixer = LabelledMixer(mixer, open_pitch_tracks(cache, talk, cache_folder / "f0", tracker))
    validation = []
    if config["validation"]["mixtures_per_snr"]:
        judged = evaluation_clips(training_clips(manifest, "valid", config["allow_copyleft"]), "valid")
        validation = evaluation_mixtures(
            open_cache(corpus, judged, cache_folder), judged, config["validation"]["mixtures_per_snr"],
            config["validation"]["seed"], longest_seconds=5.0,
        )
    trainer = Trainer(ConvFsenet(network_config), mixer, validation, training, run_folder, network_config.to_dict())
    trainer.note("data", clips=len(clips), synthetic_voices=bool(voices), **hours_by_kind(clips))
    return trainer


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = training_parser(__doc__, Path(__file__).parent / "conf" / "dense.yaml", "enhance-conv-fsenet")
    parser.add_argument("--corpus", metavar="FOLDER", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument(
        "--voices", action="append", default=[], metavar="FOLDER",
        help="folder with a manifest.csv to train on too, such as make_voices.py makes; may be given more than once",
    )
    options = parser.parse_args()
    runs, voices = Path(options.runs), [corpus_folder(folder) for folder in options.voices]
    trainer = build_trainer(
        configured(options), corpus_folder(options.corpus), runs / options.run, runs / "cache", voices,
    )
    begin(trainer, options, written_command(parser, options, Path(__file__).resolve()))
    trainer.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
