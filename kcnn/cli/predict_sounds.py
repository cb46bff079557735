"""What `kcnn predict` does with recordings, and with what new sounds are to say."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.cli.asking import TOGETHER, asked, contents
from kcnn.cli.output import print_json, print_table
from kcnn.cli.predict_images import free, no_files, say_classes
from kcnn.errors import InputError
from kcnn.workspace import atomic_file, file_name

if TYPE_CHECKING:
    from kcnn.serving.client import Client


def about_sounds(
    client: "Client", model: str, files: Sequence[Path], top: int, output: Path | None, as_json: bool
) -> None:
    """Ask about recordings, and print the answers."""
    if output:
        raise no_files(model)
    encoded = [contents(file) for file in files]
    answers: list[Any] = []
    names = [str(file) for file in files]
    for start in range(0, len(files), TOGETHER):
        some = slice(start, start + TOGETHER)
        answers += asked(partial(client.sounds, model), encoded[some], names[some])
    say_classes("recording", names, answers, top, as_json)


def new_sounds(
    client: "Client",
    model: str,
    classes: Sequence[str],
    speakers: Sequence[str],
    seconds: float,
    seed: int,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Ask for a sound of each class, by the speakers in turn; write them to the folder `output`."""
    sayings = _sayings(model, client.sound_inputs(model), classes, speakers)
    if output is None:
        raise InputError(f"{model} answers with sounds: -o FOLDER says where to write them")
    seeds = [seed + place for place in range(len(sayings))]
    said = [" ".join(each.values()) or "sound" for each in sayings]
    targets = [output / f"{file_name(each)}_{one}.wav" for each, one in zip(said, seeds, strict=True)]
    free(targets, [], output, overwrite)
    for target, answer in zip(targets, client.make_sounds(model, sayings, seeds, seconds), strict=True):
        with atomic_file(target) as temporary:
            temporary.write_bytes(answer.wav)
    if as_json:
        rows = [{"asked": each, "written": str(target)} for each, target in zip(said, targets, strict=True)]
        print_json({"predictions": rows})
    else:
        print_table(("asked", "written"), list(zip(said, map(str, targets), strict=True)))


def _sayings(
    model: str, inputs: Sequence[str], classes: Sequence[str], speakers: Sequence[str]
) -> list[dict[str, str]]:
    """What is told about each sound. Raises `InputError` for what the model is not told, or needs."""
    for option, what, given in (("--class", "class_name", classes), ("--speaker", "speaker", speakers)):
        if bool(given) != (what in inputs):
            rule = "is told no" if given else "needs a"
            raise InputError(f"{model} {rule} {what.removesuffix('_name')}: {option}{'' if given else ' NAME'}")
    count = max(len(classes), len(speakers), 1)
    named = {"class_name": classes, "speaker": speakers}
    return [{name: named[name][place % len(named[name])] for name in inputs} for place in range(count)]
