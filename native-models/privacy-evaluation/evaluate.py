"""Judges what sanitisers hide and destroy: words lost, speakers, gender and emotion told by attackers; writes evaluation.json.

Sanitised recordings and everything measured of them are kept in the cache folder, so that a run goes on where it was
interrupted, and a second system costs what is new about it. Systems that are not named keep their rows, unless what judges them
is no longer the same.

Example:
    python evaluate.py --corpus FOLDER                                    # every system of the registry
    python evaluate.py --corpus FOLDER --systems raw,disguise-mcadams     # some of them
    python evaluate.py --product "disguise=--preset disguise"   # our own command line, after npm run build
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shlex
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import torch  # noqa: E402

from sotto_models.corpus import corpus_folder  # noqa: E402
from sotto_models.judging.judge_packages import CARRIERS, JudgeError  # noqa: E402
from sotto_models.judging.material import Sizes, choose_material, material_key, write_material  # noqa: E402
from sotto_models.judging.report import earlier_systems, headline, judge, method_key, rounded  # noqa: E402
from sotto_models.judging.systems import System, product, registry, sanitised  # noqa: E402
from sotto_models.judging.trust import complaints, step_reached  # noqa: E402
from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.pcm_cache import runs_folder  # noqa: E402

PACKAGES = ("ctranslate2", "vosk", "kaldi-native-fbank", "swift-f0", "onnxruntime", "torch", "numpy", "scipy")


def main() -> None:
    """Parses the command line, judges every system, writes the JSON, and fails when the judges cannot be trusted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--also", action="append", default=[], help="further corpus whose train rows train attackers; repeatable")
    parser.add_argument("--systems", help="comma-separated ids of the registry; default: all that need no build")
    parser.add_argument("--product", action="append", default=[], metavar="ID=ARGUMENTS",
                        help="`sotto sanitize` with these arguments as a system; repeatable")
    parser.add_argument("--cache", help="where recordings and measurements are kept; default: the runs folder")
    parser.add_argument("--out", default=str(HERE / "evaluation.json"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    recordings = choose_material(corpus_folder(options.corpus), [Path(folder) for folder in options.also])
    key = material_key(recordings)
    cache = Path(options.cache or runs_folder() / "privacy")
    raw_folder = write_material(recordings, cache / "raw" / "recordings")
    method = method_key()
    known = earlier_systems(Path(options.out), key, method)
    for system in chosen(options.systems, options.product):
        begun = time.process_time()
        place = cache / ("raw" if system.id == "raw" else system.key)
        folder = raw_folder if system.id == "raw" else sanitised(
            system, raw_folder, [recording.name for recording in recordings], place / "recordings"
        )
        measures = judge(recordings, folder, place, raw_folder, cache / "raw")
        known[system.id] = rounded({
            "id": system.id, "title": system.title, "settings": system.settings, "method": method,
            "judged": time.strftime("%Y-%m-%d"), **measures,
        })
        told = headline(known[system.id])
        known[system.id]["headline"] = {**told, "step": step_reached(told["wordsLostPoints"], told["informedEer"])}
        print(f"{system.title}: {known[system.id]['headline']}, {time.process_time() - begun:.0f} processor seconds", flush=True)
        write(Path(options.out), known, recordings, key, bool(options.also))
    found = complaints(known)
    print(f"Written: {options.out}")
    if found:
        raise JudgeError("The judges cannot be trusted:\n  " + "\n  ".join(found))


def chosen(ids: str | None, products: list[str]) -> list[System]:
    """The systems to judge now, in the order of the registry, then those of our command line.

    Raises:
        ValueError: there is no such system, or a product has no name.
    """
    known = registry()
    wanted = ids.split(",") if ids else list(known) if not products else []
    if unknown := set(wanted) - set(known):
        raise ValueError(f"Expected systems out of {', '.join(known)}, found {', '.join(sorted(unknown))}.")
    systems = [system for name, system in known.items() if name in wanted]
    for text in products:
        identifier, equals, arguments = text.partition("=")
        if not equals or not identifier or identifier in known:
            raise ValueError(f"Expected --product ID=ARGUMENTS with an id of its own, found {text!r}.")
        systems.append(product(identifier, f"sotto sanitize {arguments}".strip(), shlex.split(arguments)))
    return systems


def write(out: Path, systems: dict[str, dict], recordings: list, key: str, more_training: bool) -> None:
    """Writes evaluation.json with every system judged so far."""
    counts = Counter((recording.use, recording.population) for recording in recordings)
    write_json(out, {
        "schema": "sotto.privacy-evaluation/1",
        "command": "python native-models/privacy-evaluation/evaluate.py --corpus FOLDER" + " --also FOLDER" * more_training,
        "finished": time.strftime("%Y-%m-%d"),
        "interval": "95 %, bootstrap over speakers; for gender and emotion over speakers, then recordings",
        "material": {
            "key": key, "sizes": asdict(Sizes()),
            "recordings": [
                {
                    "use": use, "population": population, "count": count,
                    "speakers": len({r.speaker for r in recordings if (r.use, r.population) == (use, population)}),
                    "minutes": round(sum(r.seconds for r in recordings if (r.use, r.population) == (use, population)) / 60, 1),
                }
                for (use, population), count in sorted(counts.items())
            ],
        },
        "judges": {name: [asdict(carrier) for carrier in carriers] for name, carriers in CARRIERS.items()},
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "trusted": not complaints(systems), "complaints": complaints(systems),
        "systems": list(systems.values()),
    })


if __name__ == "__main__":
    main()
