"""Trains the speaker embedder: whose voice it is, over every train speaker of the corpus and of further folders.

Example:
    python train.py --run speaker-1 --until-minutes 45 --also ~/.cache/sotto/voices/corpus
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import Clip, corpus_folder, read_manifest, training_clips  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.pcm_cache import open_cache, runs_folder  # noqa: E402
from sotto_models.run_loop import RunConfig, RunLoop  # noqa: E402
from sotto_models.voice.phones import is_held_out_voice  # noqa: E402
from sotto_models.voice.speaker_net import SpeakerConfig, SpeakerInTraining  # noqa: E402
from sotto_models.voice.speaker_task import SpeakerCropConfig, SpeakerCrops, SpeakerTask  # noqa: E402


def chosen_clips(folders: list[Path]) -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Train speech, valid speech and train noises of all folders, paths absolute; held-out synthetic voices are left out.

    Clips without a speaker would all be one person, so they teach nothing here.
    """
    train, valid, noises = [], [], []
    for folder in folders:
        for split in ("train", "valid"):
            for clip in training_clips(read_manifest(folder), split):
                placed = Clip(**{**vars(clip), "path": str((folder / clip.path).resolve())})
                if clip.kind in ("speech", "emotion") and clip.speaker and not is_held_out_voice(clip.speaker):
                    (train if split == "train" else valid).append(placed)
                elif clip.kind in ("noise", "event", "music") and split == "train":
                    noises.append(placed)
    return train, valid, noises


def build_run(config: dict, folders: list[Path], run_folder: Path, cache_folder: Path) -> RunLoop:
    """A run out of a configuration file's contents; weights start from the configured seed.

    Args:
        config: parsed YAML with `network`, `training` and `crops`.
        folders: corpus folders.
    Raises:
        ValueError: there are fewer than two speakers.
    """
    training, network_config = RunConfig.from_dict(config["training"]), SpeakerConfig.from_dict(config["network"])
    train, valid, noises = chosen_clips(folders)
    cache = open_cache(Path("/"), [*train, *valid, *noises], cache_folder)
    crops = SpeakerCrops(train, cache, noises, SpeakerCropConfig.from_dict(config["crops"]), training.seed)
    torch.manual_seed(training.seed)
    network = SpeakerInTraining(network_config, len(crops.speakers))
    run = RunLoop(network, SpeakerTask(crops, valid, cache), training, run_folder, {"embedder": network_config.to_dict()})
    run.note("data", speakers=len(crops.speakers), clips=len(train), judged=len(valid), noises=len(noises),
             hours=round(sum(clip.duration_seconds for clip in train) / 3600, 2),
             parameters=sum(p.numel() for p in network.embedder.parameters()))
    return run


def main() -> None:
    """Parses the command line and trains."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--also", action="append", default=[], help="a further corpus folder; repeatable")
    parser.add_argument("--config", default=str(HERE / "conf" / "base.yaml"))
    parser.add_argument("--run", default="speaker-embedder", help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()), help="folder of all runs and of the decoded cache")
    parser.add_argument("--steps", type=int, help="total steps instead of the configured number")
    parser.add_argument("--until-minutes", type=float, help="follow the wall clock: end after so many minutes")
    parser.add_argument("--resume", action="store_true", help="continue from last.pt of this run")
    options = parser.parse_args()
    config = yaml.safe_load(Path(options.config).read_text(encoding="utf-8"))
    for name, value in (("steps", options.steps), ("until_minutes", options.until_minutes)):
        if value:
            config["training"][name] = value
    folders = [corpus_folder(options.corpus), *map(corpus_folder, options.also)]
    runs = Path(options.runs)
    run = build_run(config, folders, runs / options.run, runs / "cache")
    if options.resume and not run.resume():
        print("Expected last.pt to resume from, found none; starting afresh.", file=sys.stderr)
    run.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
