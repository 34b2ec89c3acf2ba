"""Trains the speaker embedder: whose voice it is, over every train speaker of the corpus and of further folders.

Example:
    python train.py --run speaker-1 --until-minutes 45 --also ~/.cache/sotto/voices/corpus
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import Clip, corpus_folder, read_manifest, training_clips  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.judging.material import SPEAKERS_UNKNOWN  # noqa: E402
from sotto_models.pcm_cache import open_cache  # noqa: E402
from sotto_models.run_loop import RunConfig, RunLoop  # noqa: E402
from sotto_models.training_command import begin, configured, training_parser, written_command  # noqa: E402
from sotto_models.voice.phones import is_held_out_voice  # noqa: E402
from sotto_models.voice.speaker_net import SpeakerConfig, SpeakerInTraining  # noqa: E402
from sotto_models.voice.speaker_task import SpeakerCropConfig, SpeakerCrops, SpeakerTask  # noqa: E402


def chosen_clips(folders: list[Path]) -> tuple[list[Clip], list[Clip], list[Clip]]:
    """Train speech, valid speech and train noises of all folders, paths absolute; held-out synthetic voices are left out.

    Clips whose speaker nobody knows would all be one person, so they are left out.
    """
    train, valid, noises = [], [], []
    for folder in folders:
        for split in ("train", "valid"):
            for clip in training_clips(read_manifest(folder), split):
                placed = Clip(**{**vars(clip), "path": str((folder / clip.path).resolve())})
                known = clip.speaker and clip.source not in SPEAKERS_UNKNOWN
                if clip.kind in ("speech", "emotion") and known and not is_held_out_voice(clip.speaker):
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
    parser = training_parser(__doc__, HERE / "conf" / "base.yaml", "speaker-embedder")
    parser.add_argument("--corpus", metavar="FOLDER", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--also", metavar="FOLDER", action="append", default=[], help="a further corpus folder; repeatable")
    options = parser.parse_args()
    folders = [corpus_folder(options.corpus), *map(corpus_folder, options.also)]
    runs = Path(options.runs)
    run = build_run(configured(options), folders, runs / options.run, runs / "cache")
    begin(run, options, written_command(parser, options, Path(__file__).resolve()))
    run.run(report=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
