"""What the train.py scripts share: their options, and how a run begins."""

from pathlib import Path

import pytest

from load_script import load_script
from sotto_models.training_command import begin, configured, training_parser, written_command


class FakeRun:
    """Says what was asked of it."""

    def __init__(self):
        self.asked = []

    def resume(self):
        self.asked.append("resume")
        return True

    def start_from(self, weights):
        self.asked.append(weights)

    def note(self, event, words):
        self.asked.append((event, words))


@pytest.fixture()
def parse(tmp_path):
    (tmp_path / "base.yaml").write_text("training: {steps: 40, threads: 2}\n")
    (tmp_path / "mine").mkdir()
    parser = training_parser("Trains.", tmp_path / "base.yaml", "mine")
    return lambda *words: parser.parse_args(["--runs", str(tmp_path), *words])


def test_the_command_line_goes_over_the_file_only_where_it_speaks(parse):
    assert configured(parse()) == {"training": {"steps": 40, "threads": 2}}
    spoken = configured(parse("--steps", "7", "--until-minutes", "1.5", "--threads", "1"))
    assert spoken == {"training": {"steps": 7, "until_minutes": 1.5, "threads": 1}}


def test_a_run_goes_on_from_its_own_last_weights_before_it_takes_over_others(parse, tmp_path, capsys):
    options = parse("--resume", "--start-from", "other/best.pt")
    run, seen = FakeRun(), []
    begin(run, options, "train", seen.append)
    assert seen == [tmp_path / "other" / "best.pt"] and run.asked == [("command", "train"), *seen]
    assert "Expected last.pt to resume from, found none" in capsys.readouterr().err
    (tmp_path / "mine" / "last.pt").write_bytes(b"")
    run, seen = FakeRun(), []
    begin(run, options, "train", seen.append)
    assert run.asked == [("command", "train"), "resume"] and seen == [tmp_path / "mine" / "last.pt"]
    assert capsys.readouterr().err == ""


def test_the_command_names_what_repeats_a_training_and_no_folder(tmp_path):
    script = tmp_path / "voice-net" / "train.py"
    parser = training_parser(None, script.parent / "conf" / "base.yaml", "mine")
    parser.add_argument("--also", metavar="FOLDER", action="append", default=[])
    parser.add_argument("--encoder")
    common = "python native-models/voice-net/train.py --config"
    assert written_command(parser, parser.parse_args([]), script) == f"{common} conf/base.yaml --run mine"
    spoken = ["--also", "/secret/a", "--also", "/secret/b", "--encoder", "codes/best.pt", "--until-minutes", "90", "--run", "r2",
              "--resume", "--threads", "1", "--runs", "/secret", "--config", "/secret/other.yaml"]
    assert written_command(parser, parser.parse_args(spoken), script) == (
        f"{common} other.yaml --run r2 --until-minutes 90 --also FOLDER --also FOLDER --encoder codes/best.pt"
    )


@pytest.mark.parametrize(("name", "options"), [
    ("enhance-conv-fsenet", ["--corpus", "--voices"]), ("speaker-embedder", ["--corpus", "--also"]),
    ("voice-codes", ["--corpus", "--also", "--labels"]),
    ("voice-synthesis", ["--voices", "--pairs", "--labels", "--codes", "--teacher"]),
])
def test_no_training_notes_a_folder(name, options, monkeypatch):
    script = load_script(Path(__file__).resolve().parents[2] / name / "train.py")
    asked = []
    monkeypatch.setattr(script, "restart_with_huge_pages", lambda: None)
    monkeypatch.setattr(script, "training_parser", lambda *words: asked.append(training_parser(*words)) or asked[0])
    monkeypatch.setattr("sys.argv", ["train.py", "--help"])
    with pytest.raises(SystemExit):
        script.main()
    words = [word for option in options for word in (option, "/secret/folder")]
    command = written_command(asked[0], asked[0].parse_args(words), Path(script.__file__))
    assert "secret" not in command and command.count("FOLDER") == len(options)


def test_weights_that_cannot_be_used_are_not_read(parse):
    def refuse(weights):
        raise ValueError(weights.name)

    run = FakeRun()
    with pytest.raises(ValueError, match="best.pt"):
        begin(run, parse("--start-from", "other/best.pt"), "train", refuse)
    assert run.asked == []


def test_without_words_a_run_begins_with_its_own_first_values(parse, tmp_path):
    (tmp_path / "mine" / "last.pt").write_bytes(b"")
    run = FakeRun()
    begin(run, parse(), "train")
    assert run.asked == [("command", "train")]
