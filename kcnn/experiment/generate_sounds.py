"""Let a run that has learned to continue sounds make new ones, and a classifier say what it hears."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import DataError, InputError, unknown
from kcnn.experiment import folder, startup
from kcnn.recipes.audio import LONGEST, Audio
from kcnn.workspace import Workspace, atomic_file, check_free

if TYPE_CHECKING:
    import numpy as np

    from kcnn.experiment.folder import RunFolder

PAUSE = 0.25
"""Seconds of silence between two sounds in a file."""


@dataclass(frozen=True)
class Sounded:
    """A file of new sounds; what a classifier took for what it was meant to be, by class, where one was asked."""

    run: str
    path: Path
    sounds: int
    seconds: float
    judge: str | None = None
    recognised: float | None = None
    by_class: dict[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def of_recordings(run: str, workspace: Workspace | None = None) -> bool:
    """Whether a run is of recordings."""
    return isinstance(folder.find(workspace or Workspace(), run).recipe().data, Audio)


def generate_sounds(
    run: str,
    output: Path | str,
    *,
    labels: Sequence[str] = (),
    speakers: Sequence[str] = (),
    count: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    temperature: float | None = None,
    like: Path | str | None = None,
    judge: str | None = None,
    overwrite: bool = False,
    workspace: Workspace | None = None,
) -> Sounded:
    """Write `count` new sounds of each class in `labels` (all unless named) to `output`, a .wav, one after the other.

    The `speakers` (all unless named) take turns; without a count each that is named has one of each class, else there
    is one. A sound has as many `seconds` as the middle recording of train by length, up to `LONGEST`, or those of the
    recording `like`, whose local energies it follows where the network is told any.
    A `temperature` below 1 makes likely samples likelier. With `judge`, a run of a classifier, the sounds are played
    to it, and the share is said that it takes for what they were meant to be.
    Raises InputError where there is no such run, class or speaker, the run makes no sounds, a speaker that is named
    would have no turn, or the file is there and not to be replaced (`overwrite`); DataError for a recording that
    cannot be read.
    """
    workspace, path = workspace or Workspace(), Path(output)
    if path.suffix.lower() != ".wav":
        raise InputError(f"-o must be a .wav to write, got {str(path)!r}")
    check_free(path, overwrite)
    if seconds is not None and like is not None:
        raise InputError("a sound is as long as the recording that it follows: leave --seconds out")
    if seconds is not None and not 0 < seconds <= LONGEST:
        raise InputError(f"seconds must be above 0 and at most {LONGEST:g}, got {seconds:g}")
    if temperature is not None and not temperature > 0:
        raise InputError(f"temperature must be above 0, got {temperature:g}")
    found = _makes(folder.find(workspace, run))
    preparation = (found.read("source") or {})["preprocessing"]
    told = {name: list(names) for name, names in preparation["told"].items()}
    chosen = _chosen(found.name, told, {"class": labels, "speaker": speakers})
    if count is not None and count < len(speakers):
        raise InputError(f"-n {count} leaves {speakers[count]} without a turn: {len(speakers)} speakers are named")
    local = bool(_audio(found).local)
    if local != (like is not None):
        raise InputError(
            f"{found.name} follows a recording: --like FILE names it" if local else f"{found.name} follows no recording"
        )
    judging = _judges(workspace, judge, told) if judge is not None else None
    startup.start(workspace)
    count = count or max(1, len(speakers))
    return _sounded(found, path, chosen, count, seconds, seed, temperature or 1.0, like, judging)


def _audio(found: "RunFolder") -> Audio:
    data = found.recipe().data
    if not isinstance(data, Audio):
        raise InputError(f"{found.name} learned from data.kind={data.kind}, recordings are needed")
    return data


def _makes(found: "RunFolder") -> "RunFolder":
    """The same, where it is finished and continues sounds."""
    if _audio(found).task != "autoregression":
        raise InputError(f"{found.name} ({found.recipe().model.name}) makes no sounds: it names them")
    found.check_finished()
    return found


def _chosen(run: str, told: dict[str, list[str]], asked: dict[str, Sequence[str]]) -> dict[str, list[str]]:
    """The names of each label that sounds are made of: those asked for, else all."""
    for name, names in asked.items():
        if names and name not in told:
            raise InputError(f"{run} is told no {name}: leave it out")
        if strange := [each for each in names if each not in told.get(name, ())]:
            raise unknown(f"{name} of {run}", strange[0], told[name])
    return {name: list(asked.get(name) or names) for name, names in told.items()}


def _judges(workspace: Workspace, name: str, told: dict[str, list[str]]) -> "RunFolder":
    """The run of a classifier of the same classes."""
    found = folder.find_best(workspace, name)
    if _audio(found).task != "classification":
        raise InputError(f"judges are classifiers of recordings: {found.name} is none")
    found.check_finished()
    known = (found.read("source") or {})["classes"]
    if known != told.get("class"):
        raise InputError(f"{found.name} knows other classes: {', '.join(known)}")
    return found


def _sounded(
    found: "RunFolder",
    path: Path,
    chosen: dict[str, list[str]],
    count: int,
    seconds: float | None,
    seed: int,
    temperature: float,
    like: Path | str | None,
    judging: "RunFolder | None",
) -> Sounded:
    import numpy as np

    from kcnn.data.wav import wav_file
    from kcnn.experiment import trained
    from kcnn.experiment.sounder import Sounder

    run = trained.load(found)
    rate = run.preprocessing.rate
    sounder = Sounder(run.model, run.preprocessing)
    total = count * len(chosen.get("class", ("",)))
    told = [
        {name: names[place // count if name == "class" else place % len(names)] for name, names in chosen.items()}
        for place in range(total)
    ]
    followed = _read(Path(like), run.preprocessing) if like is not None else None
    length = min(run.preprocessing.usual / rate, LONGEST) if seconds is None else seconds
    made = sounder.sounds(told, length, seed, temperature, followed)
    pause = np.zeros(round(PAUSE * rate))
    row = [part for sound in made for part in (sound, pause)][:-1]
    with atomic_file(path) as temporary:
        temporary.write_bytes(wav_file(np.concatenate(row).astype(np.float32), rate))
    length = len(made[0]) / rate
    if judging is None:
        return Sounded(found.name, path, len(made), length)
    shares = _shares(judging, made, rate, [each["class"] for each in told])
    return Sounded(found.name, path, len(made), length, judging.name, float(np.mean(list(shares.values()))), shares)


def _read(path: Path, preparation: Any) -> "np.ndarray":
    """A recording as the network hears it. Raises `DataError` where it cannot be read."""
    import tensorflow as tf

    from kcnn.data.recordings import reason

    try:
        heard = preparation.waveform(tf.constant(path.read_bytes())).numpy()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except tf.errors.InvalidArgumentError as error:
        raise DataError(f"{path}: {reason(error)}") from None
    if len(heard) > LONGEST * preparation.rate:
        raise InputError(f"{path} is longer than {LONGEST:g} s")
    return heard


def _shares(judge: "RunFolder", made: Sequence["np.ndarray"], rate: int, names: Sequence[str]) -> dict[str, float]:
    """By class, the share of its sounds that the judge takes for it; one that it finds silent is not recognised."""
    import numpy as np
    import tensorflow as tf

    from kcnn.data.wav import wav_file
    from kcnn.experiment import trained

    run = trained.load(judge)
    heard: dict[str, list[bool]] = {name: [] for name in names}
    for name, sound in zip(names, made, strict=True):
        try:
            waveform = run.preprocessing.waveform(tf.constant(wav_file(sound.astype(np.float32), rate)))
        except tf.errors.InvalidArgumentError:
            heard[name].append(False)
            continue
        logits = run.model(run.preprocessing.fitted(waveform)[tf.newaxis], training=False)
        heard[name].append(run.classes[int(np.argmax(logits))] == name)
    return {name: float(np.mean(said)) for name, said in heard.items()}
