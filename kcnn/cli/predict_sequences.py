"""What `kcnn predict` does with texts and series."""

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.cli.asking import TOGETHER, asked
from kcnn.cli.output import percent, print_json, print_table, say
from kcnn.cli.predict_images import free, no_files, print_classes
from kcnn.errors import DataError, InputError
from kcnn.workspace import atomic_file

if TYPE_CHECKING:
    import numpy as np

    from kcnn.serving.client import Client


def about_texts(client: "Client", model: str, texts: Sequence[str], top: int, as_json: bool) -> None:
    """Ask about texts, and print the answers; who knows no word of a text, or only some, says so."""
    answers: list[Any] = []
    for start in range(0, len(texts), TOGETHER):
        some = texts[start : start + TOGETHER]
        answers += asked(partial(client.texts, model), some, [repr(_short(text)) for text in some])
    if as_json:
        print_json({"predictions": [_json(*row) for row in zip(texts, answers, strict=True)]})
        return
    print_classes("text", texts, answers, top)
    for text, answer in zip(texts, answers, strict=True):
        if answer.known_words < answer.words:
            known = (
                f"{answer.known_words} of its {answer.words} words are" if answer.known_words else "no word of it is"
            )
            say(f"{_short(text)!r}: {known} known to {model}")


def _json(text: str, answer: Any) -> dict[str, Any]:
    return {
        "text": text,
        "class": answer.class_name,
        "probabilities": answer.probabilities,
        "words": answer.words,
        "known_words": answer.known_words,
    }


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def about_series(
    client: "Client", model: str, files: Sequence[Path], top: int, folder: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Ask about series, a file each; write the answers for every step, and print all."""
    from kcnn.serving.answers import Labels, Next, Numbers

    series, gaps = zip(*(_read(file) for file in files), strict=True)
    answers: list[Any] = []
    for file, values, gap in zip(files, series, gaps, strict=True):
        try:
            answers.append(client.series(model, values))
        except InputError as error:
            fault = f"{gap} ({error})" if gap else str(error)
            raise (DataError if getattr(error, "status", 0) == 400 else InputError)(f"{file}: {fault}") from None
    names = [str(file) for file in files]
    stepwise = isinstance(answers[0], Labels | Next)
    if folder and not stepwise:
        raise no_files(model)
    written = _write(files, answers, folder, overwrite) if stepwise and folder else [None] * len(files)
    if as_json:
        rows = [
            {"series": name, **_plain(answer), "written": target}
            for name, answer, target in zip(names, answers, written, strict=True)
        ]
        print_json({"predictions": rows})
    elif isinstance(answers[0], Numbers):
        columns = ("series", *answers[0].values)
        print_table(
            columns, [(n, *(f"{v:.4g}" for v in a.values.values())) for n, a in zip(names, answers, strict=True)]
        )
    elif stepwise:
        rows_ = [(n, len(v), _in_short(a, top), w) for n, v, a, w in zip(names, series, answers, written, strict=True)]
        print_table(("series", "steps", "at the last step", "written"), rows_)
        if not folder:
            say("-o FOLDER writes the answers for every step")
    else:
        print_classes("series", names, answers, top)


def _read(file: Path) -> tuple["np.ndarray", str]:
    """A file's series (steps, channels), and in words where something is missing, NaN. Raises `DataError` for none."""
    import numpy as np

    from kcnn.data.cells import Faulty, numbers, table
    from kcnn.data.rows import sound

    found = table(file)
    try:
        values = numbers([row.cells for row in sound(file, found.rows)], found.header)
    except Faulty as fault:
        raise DataError(f"{file}: {fault}") from None
    if not np.isnan(values).any():
        return values, ""
    step, column = np.argwhere(np.isnan(values))[0]
    return values, f"nothing is in {found.header[column]} at step {step + 1}"


def _write(files: Sequence[Path], answers: Sequence[Any], folder: Path, overwrite: bool) -> list[str | None]:
    """A .csv for each series, a row a step."""
    targets = [folder / f"{file.stem}_answer.csv" for file in files]
    free(targets, files, folder, overwrite)
    for target, answer in zip(targets, answers, strict=True):
        header, rows = _rows(answer)
        with atomic_file(target) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *rows])
    return [str(target) for target in targets]


def _rows(answer: Any) -> tuple[list[str], list[list[Any]]]:
    """The header and a row a step."""
    if hasattr(answer, "labels"):
        return ["label", "probability"], [list(row) for row in zip(answer.labels, answer.probability, strict=True)]
    return list(answer.probabilities), [list(row) for row in zip(*answer.probabilities.values(), strict=True)]


def _in_short(answer: Any, top: int) -> str:
    if hasattr(answer, "labels"):
        return f"{answer.labels[-1]} {percent(answer.probability[-1])}"
    last = sorted(((values[-1], name) for name, values in answer.probabilities.items()), reverse=True)[:top]
    return "next: " + ", ".join(f"{name} {percent(share)}" for share, name in last)


def _plain(answer: Any) -> dict[str, Any]:
    """What a network says, as plain JSON values."""
    if hasattr(answer, "class_name"):
        return {"class": answer.class_name, "probabilities": answer.probabilities}
    return dict(vars(answer))
