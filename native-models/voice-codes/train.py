"""Trains the encoder of the codes on labels that label.py made. Seeded, resumable, validated on voices that shaped nothing.

Example:
    python train.py --config conf/edge.yaml --run codes-edge --until-minutes 90
    python train.py --config conf/edge.yaml --run codes-edge --until-minutes 90 --resume
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from sotto_models.corpus import Clip, corpus_folder, read_manifest, training_clips  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, open_cache  # noqa: E402
from sotto_models.run_loop import RunConfig, RunLoop  # noqa: E402
from sotto_models.training_command import begin, configured, training_parser, written_command  # noqa: E402
from sotto_models.voice.encoder import EncoderConfig, EncoderInTraining  # noqa: E402
from sotto_models.voice.encoder_crops import CropConfig, EncoderCrops  # noqa: E402
from sotto_models.voice.encoder_export import expect_centres  # noqa: E402
from sotto_models.voice.encoder_task import EncoderLosses, EncoderTask, in_turns_of_speakers  # noqa: E402
from sotto_models.voice.labels import LabelledClip, VoiceLabels  # noqa: E402
from sotto_models.voice.phones import PHONES  # noqa: E402


def build_run(config: dict, noise_folders: list[Path], labels_folder: Path, run_folder: Path, cache_folder: Path) -> RunLoop:
    """A run out of a configuration file's contents; weights start from the configured seed.

    Args:
        config: parsed YAML with `network`, `training`, `crops`, `losses` and `validation`.
        noise_folders: corpus folders whose train rows of noise, events and music disturb the input.
    """
    training = RunConfig.from_dict(config["training"])
    network_config = EncoderConfig.from_dict(config["network"])
    labels = VoiceLabels(labels_folder)
    train = labels.chosen("train")
    judged = in_turns_of_speakers(labels.chosen("valid"), config["validation"]["seconds"])
    noises = [noise for folder in noise_folders for noise in _noises(folder)]
    cache = open_cache(Path("/"), [*map(_as_clip, train + judged), *noises], cache_folder)
    crops = EncoderCrops(labels, train, cache, noises, CropConfig.from_dict(config["crops"]), training.seed)
    task = EncoderTask(crops, judged, cache, labels, EncoderLosses.from_dict(config["losses"]), config["validation"]["seconds"])
    torch.manual_seed(training.seed)
    centres = torch.from_numpy(labels.codebooks.first)
    network = EncoderInTraining(network_config, centres, len(PHONES), len(crops.speakers))
    run = RunLoop(network, task, training, run_folder, {"encoder": network_config.to_dict()})
    by_source: dict[str, float] = {}
    for clip in train:
        by_source[clip.source] = by_source.get(clip.source, 0.0) + clip.frames / 180_000
    run.note("data", hours={name: round(hours, 3) for name, hours in sorted(by_source.items())}, clips=len(train),
             speakers=len(crops.speakers), judged=len(judged), noises=len(noises),
             parameters=sum(p.numel() for p in network.encoder.parameters()),
             macs_per_second=network_config.macs_per_second)
    return run


def _noises(folder: Path) -> list[Clip]:
    rows = [clip for clip in training_clips(read_manifest(folder)) if clip.kind in ("noise", "event", "music")]
    return [Clip(**{**vars(clip), "path": str((folder / clip.path).resolve())}) for clip in rows]


def _as_clip(clip: LabelledClip) -> Clip:
    return Clip(clip.path, "speech", clip.source, "", clip.speaker, "", clip.samples / SAMPLE_RATE_HZ, clip.split)


def begin_with_its_codebook(run: RunLoop, options: argparse.Namespace, command: str) -> None:
    """Continues last.pt or takes what another run learnt, as `begin` does.

    Raises:
        ValueError: those weights learnt another codebook than that of the labels.
    """
    begin(run, options, command, lambda weights: expect_centres(weights, run.network.centres.numpy()))


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = training_parser(__doc__, Path(__file__).parent / "conf" / "edge.yaml", "codes-edge")
    parser.add_argument("--corpus", metavar="FOLDER", help="corpus folder, for noises; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--also", metavar="FOLDER", action="append", default=[], help="a further one with noises; repeatable")
    parser.add_argument("--labels", metavar="FOLDER", help="made by label.py; default: voice-labels in the cache of all runs")
    options = parser.parse_args()
    runs = Path(options.runs)
    labels = Path(options.labels) if options.labels else runs / "cache" / "voice-labels"
    folders = [corpus_folder(options.corpus), *map(corpus_folder, options.also)]
    run = build_run(configured(options), folders, labels, runs / options.run, runs / "cache")
    begin_with_its_codebook(run, options, written_command(parser, options, Path(__file__).resolve()))
    run.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
