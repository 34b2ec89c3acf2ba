"""The table of make_more_recordings.py: which repositories, at which commit, hold sound that may train a shipped weight.

A licence counts only where it covers the recordings themselves: the original data set's, not that of a repository which
carries a copy. Who lists the files of a row, and their speakers, stands in `recording_sources.py`.
"""

from __future__ import annotations

from .recording_sources import (
    Source,
    an4,
    common_voice,
    common_voice_unheard,
    kathleen,
    listed,
    speech_commands,
    wake_words,
)

SOURCES = (
    Source(
        "an4", "cmusphinx/an4", "b567d132f43304e70a2b2eca6077f22255311812", "speech", "BSD-2-Clause",
        "LICENSE: free for any purpose, two clauses; Carnegie Mellon University 1991-2005", an4,
    ),
    Source(
        "common-voice", "omnilingo/rsample-100-cv-corpus-6.1-2020-12-11", "6785f863fec9770151abfe50a5e3e3787fd20ba2",
        "speech", "CC0-1.0", "Mozilla Common Voice 6.1, 100 confirmed clips of each language; the data set is CC0",
        common_voice("common-voice", r"[^/]+/validated\.tsv", "clips"),
    ),
    Source(
        "common-voice-en", "korliu/whisper", "d03c14561ed7e5e354d76259a7606df7b6e68b0c", "speech", "CC0-1.0",
        "Mozilla Common Voice, English clips of 2023; the data set is CC0, whatever the repository's own code is",
        common_voice("common-voice-en", r"dataset/validated\.tsv", "clips"), 600.0,
    ),
    Source(
        "speech-commands-noise", "chaeyoung-lee/wids_tutorial", "7d028e7211c846244903eb59664087f1fb3e4c07", "noise",
        "CC-BY-4.0", "background noise of Speech Commands (Warden 2018), collected by its author; CC BY 4.0", listed({
            "data/_background_noise_/doing_the_dishes.wav": "kitchen",
            "data/_background_noise_/exercise_bike.wav": "machine",
            "data/_background_noise_/running_tap.wav": "water",
        }),
    ),
    Source(
        "berlin-noise", "thomasrosen/berlin_noise", "b3caa8c2d6b5851aac07e8f9096a16ff6a7472b0", "noise", "CC-BY-4.0",
        "README and LICENSE: Berlin Noise by Thomas Rosen, CC BY 4.0; families by metadata/*.yml", listed({
            "audio/0619B0AD-7F6A-4CAB-BCCB-ABE0D71F43A9.m4a": "traffic",
            "audio/1CDCDA78-CA1D-449C-8294-E7C748BCAE99.m4a": "traffic",
            "audio/5B6DDD39-911B-4EDB-A227-46887E497740.wav": "babble",
            "audio/64710754-D31E-453D-9BDA-F66386AA6731.wav": "babble",
            "audio/9a12b4b8-6310-43c5-8e36-8d38f22275c8.m4a": "outdoors",
            "audio/A7B4879B-6791-4E01-B612-F8F60193BC66.wav": "wind",
        }),
    ),
    Source(
        "freesound-alarm-clock", "jtgsystems/modern-alarm-clock", "552ffc6f2ae65a0933ff983a0ba15db07488be67", "noise",
        "CC0-1.0",
        "docs/soundscape-assets.md: Freesound 320520, 243777, 185070, 550915, 387127, 564436, 473701, each CC0", listed({
            "public/sfx/city.mp3": "traffic", "public/sfx/fireplace.mp3": "crackle", "public/sfx/forest.mp3": "outdoors",
            "public/sfx/rain.mp3": "rain", "public/sfx/thunder.mp3": "rain", "public/sfx/waves.mp3": "water",
            "public/sfx/wind.mp3": "wind",
        }),
    ),
    Source(
        "freesoundslibrary-focus", "Taek-D/focus-valley", "43ce9721c6596cfef74f49c91fc0e5b7e2cfc06d", "noise",
        "CC-BY-4.0", "public/sounds/CREDITS.md: Free Sound Effects, freesoundslibrary.com, CC BY 4.0", listed({
            "public/sounds/night.mp3": "animals_night", "public/sounds/thunder.mp3": "rain",
            "public/sounds/wind.mp3": "wind",
        }),
    ),
    Source(
        "freesoundslibrary-wbot", "tweezerchef/Wbot", "c281e376ce5ee3fd1ba63c8d175958480749273d", "noise", "CC-BY-4.0",
        "apps/web/public/audio/ATTRIBUTION.md: Free Sounds Library, freesoundslibrary.com, CC BY 4.0",
        listed({"apps/web/public/audio/forest-ambience.mp3": "outdoors"}),
    ),
    Source(
        "freesound-noisekun", "mateusfg7/Noisekun", "d32024c67aba7c0577e1609944af00b9df1b7775", "noise", "CC0-1.0",
        "README, Sounds: Freesound 457318 Stek59, 316831 Borys Kozielski, 482167 Tim Verberne (CC0), 489073 straget "
        "(CC BY), 523397 Garuda1982 (CC BY 4.0)", listed({
            ".github/assets/sounds/leaves.ogg": "wind", ".github/assets/sounds/storm.ogg": "rain",
            ".github/assets/sounds/underwater.ogg": "water", ".github/assets/sounds/waterfall.ogg": "water",
            ".github/assets/sounds/rain-on-tent.ogg": "rain",
        }), licences={
            ".github/assets/sounds/waterfall.ogg": "CC-BY-3.0", ".github/assets/sounds/rain-on-tent.ogg": "CC-BY-4.0",
        },
    ),
    Source(
        "freesound-gui-project", "DrunkenToast/gui-project", "52d6f58b32c44ef118428c1ef801785a8981fea4", "noise",
        "CC-BY-4.0",
        "sounds/sound_licensing_blanket.md, Self added: Freesound 63220 Benboncan, 78955 juskiddink (CC BY 4.0), "
        "98024 Tomlija (CC BY 3.0), 567523 titi2 (CC0)", listed({
            "sounds/owls.ogg": "animals_night", "sounds/leaves.ogg": "wind", "sounds/construction.ogg": "machine",
            "sounds/farm.ogg": "outdoors",
        }), licences={"sounds/construction.ogg": "CC-BY-3.0", "sounds/farm.ogg": "CC0-1.0"},
    ),
    Source(
        "ambient-engine", "hsbakshi/ambient-engine", "52201daba8ea2ea4b703d6ec9eb04c6781013197", "noise", "public-domain",
        "ATTRIBUTION.md: Sunset Editorial collection of USC, public domain; bikes Freesound 719482 Rudmer Rotteveel "
        "(CC BY 4.0)", listed({
            "packages/web/public/assets/hum.mp3": "traffic", "packages/web/public/assets/water.mp3": "water",
            "packages/web/public/assets/wind1.mp3": "wind", "packages/web/public/assets/bikes.mp3": "transport",
        }), licences={"packages/web/public/assets/bikes.mp3": "CC-BY-4.0"},
    ),
    Source(
        "opengameart-quietsleep", "billzou1982/quietsleep", "fe1acb8e8b8fd01413ec5ea8f0b34c5e5d3f5545", "noise",
        "CC0-1.0", "public/audio/LICENSES.md: Crickets Ambient Noise by JaggedStone, CC0",
        listed({"public/audio/forest-night-insects.mp3": "animals_night"}),
    ),
    Source(
        "freesound-audio-classifier", "IBM/MAX-Audio-Classifier", "3c308abcb04e1523e668ebaf76ca55898cd97d28", "noise",
        "CC-BY-3.0", "samples/README.md: Freesound 339326, 360328, 401275 and 345558 InspectorJ (Attribution), 365132 "
        "SoundsExciting and 393902 Rodzuz (CC0)", listed({
            "samples/birds1.wav": "outdoors", "samples/thunder.wav": "rain", "samples/rain.wav": "rain",
            "samples/car_engine.wav": "machine", "samples/crowd_cheering.wav": "babble", "samples/typing.wav": "office",
        }), licences={"samples/crowd_cheering.wav": "CC0-1.0", "samples/typing.wav": "CC0-1.0"},
    ),
    Source(
        "scikit-maad", "scikit-maad/scikit-maad", "a726add0f86b70a7c59f2a1b4ba5978f7ca8fdf1", "noise", "BSD-3-Clause",
        "LICENSE of the repository, whose makers recorded a day in a wood of the Jura", listed({
            f"data/indices/S4A03895_20190522_{hour:02d}{minute:02d}00.wav": "outdoors"
            for hour in range(24) for minute in (0, 15, 30, 45)
        }),
    ),
    Source(
        "common-voice-fa", "yasaman999/SR", "6960630ef4ec88e79fdaa5e512f0248988615799", "speech", "CC0-1.0",
        "Mozilla Common Voice, Persian clips of 2023; the data set is CC0",
        common_voice("common-voice-fa", r"(validated|other)\.tsv", "clips"), 600.0,
    ),
    Source(
        "picovoice-wake-word", "Picovoice/wake-word-benchmark", "84919190fb1891bf0936dcb577d9268e467f876f", "speech",
        "Apache-2.0", "LICENSE of the repository, whose makers had the words recorded", wake_words, 7200.0,
    ),
    Source(
        "speech-commands", "thegtagamer/PICO-tinyML-benchmark", "c66f6b0d78fe9218f6de9d07189691cfae077bee", "speech",
        "CC-BY-4.0", "MLTK_keyworkSpotting/dataset/README.md: Speech Commands v0.02 test files (Warden 2018), CC BY 4.0",
        speech_commands,
    ),
    Source(
        "rhasspy-kathleen", "rhasspy/dataset-voice-kathleen", "c51cb971036a127359b43c621f26ca5081eab13e", "speech",
        "CC0-1.0", "LICENSE and README of the repository, whose makers recorded it", kathleen, 2700.0,
    ),
    Source(
        "common-voice-en-unheard", "korliu/whisper", "d03c14561ed7e5e354d76259a7606df7b6e68b0c", "speech", "CC0-1.0",
        "as common-voice-en; clips that no listener has judged", common_voice_unheard("common-voice-en-unheard", "en"),
    ),
)
"""Not taken: what Freesound or the corpus' held-out set may share with ESC-50 or github.com/rafaelmardojai/blanket, and
sounds whose makers are not named."""
