"""Trains the Conv-FSENet enhancer.

Example:
    python train.py --corpus FOLDER --config conf/dense.yaml --run dense --until-minutes 100
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import torch
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from sotto_models.corpus import corpus_folder, hours_by_kind, read_manifest, training_clips  # noqa: E402
from sotto_models.evaluation_list import evaluation_clips, evaluation_mixtures  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.mixing import Mixer, MixingConfig  # noqa: E402
from sotto_models.networks.conv_fsenet import ConvFsenet, ConvFsenetConfig  # noqa: E402
from sotto_models.pcm_cache import open_cache, runs_folder  # noqa: E402
from sotto_models.training import Trainer, TrainingConfig  # noqa: E402


def build_trainer(
    config: dict, corpus: Path, run_folder: Path, cache_folder: Path, voices: Path | None = None
) -> Trainer:
    """A trainer out of a configuration file's contents; weights start from the configured seed.

    Args:
        voices: a second corpus folder whose train rows are used too, such as make_voices.py makes.
        config: parsed YAML with `network`, `training`, `mixing`, `validation` and `allow_copyleft`.
    """
    training = TrainingConfig.from_dict(config["training"])
    torch.manual_seed(training.seed)
    network_config = ConvFsenetConfig(**{**config["network"], "dilations": tuple(config["network"]["dilations"])})
    manifest = read_manifest(corpus)
    clips = training_clips(manifest, "train", config["allow_copyleft"])
    if voices:
        # With absolute paths, one cache reads both folders.
        clips += [
            dataclasses.replace(clip, path=str((voices / clip.path).resolve()))
            for clip in training_clips(read_manifest(voices), "train", config["allow_copyleft"])
        ]
    mixer = Mixer(
        open_cache(corpus, clips, cache_folder), clips, MixingConfig.from_dict(config["mixing"]), training.seed
    )
    validation = []
    if config["validation"]["mixtures_per_snr"]:
        judged = evaluation_clips(training_clips(manifest, "valid", config["allow_copyleft"]), "valid")
        validation = evaluation_mixtures(
            open_cache(corpus, judged, cache_folder), judged, config["validation"]["mixtures_per_snr"],
            config["validation"]["seed"], longest_seconds=5.0,
        )
    trainer = Trainer(ConvFsenet(network_config), mixer, validation, training, run_folder, network_config.to_dict())
    trainer.note("data", clips=len(clips), synthetic_voices=voices is not None, **hours_by_kind(clips))
    return trainer


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--voices", help="folder of synthetic voices to train on too, see make_voices.py")
    parser.add_argument("--config", default=str(Path(__file__).parent / "conf" / "dense.yaml"))
    parser.add_argument("--run", default="enhance-conv-fsenet", help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs and of the decoded cache")
    parser.add_argument("--steps", type=int, help="total steps instead of the configured number")
    parser.add_argument("--until-minutes", type=float, help="follow the wall clock: end after so many minutes")
    parser.add_argument("--threads", type=int, help="instead of the configured number; 1 where others use the machine too")
    parser.add_argument("--resume", action="store_true", help="continue from last.pt of this run")
    parser.add_argument("--start-from", help="RUN/FILE whose weights a fresh run begins with, such as dense-eq/best.pt")
    options = parser.parse_args()
    config = yaml.safe_load(Path(options.config).read_text())
    if options.steps:
        config["training"]["steps"] = options.steps
    if options.until_minutes:
        config["training"]["until_minutes"] = options.until_minutes
    if options.threads:
        # Threads wait for each other at every layer: on a busy machine two are far slower than one.
        config["training"]["threads"] = options.threads
    runs = Path(options.runs)
    voices = corpus_folder(options.voices) if options.voices else None
    trainer = build_trainer(config, corpus_folder(options.corpus), runs / options.run, runs / "cache", voices)
    resumed = options.resume and trainer.resume()
    if options.resume and not resumed:
        print("Expected last.pt to resume from, found none; starting afresh.", file=sys.stderr)
    if options.start_from and not resumed:
        trainer.start_from(runs / options.start_from)
    trainer.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
