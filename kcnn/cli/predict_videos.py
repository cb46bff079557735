"""What `kcnn predict` does with clips."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.cli.asking import asked, contents
from kcnn.cli.predict_images import no_files, say_classes

if TYPE_CHECKING:
    from kcnn.serving.answers import Viewing
    from kcnn.serving.client import Client


def about_clips(
    client: "Client", model: str, clips: Sequence[Path], top: int, output: Path | None, as_json: bool
) -> None:
    """Ask about clips, one at a time, and print the answers."""
    if output:
        raise no_files(model)
    viewing = client.viewing(model)
    names = [str(clip) for clip in clips]
    answers: list[Any] = []
    for clip, name in zip(clips, names, strict=True):
        answers += asked(partial(client.clips, model), [frames(clip, viewing)], [name])
    say_classes("clip", names, answers, top, as_json)


def frames(clip: Path, viewing: "Viewing") -> list[bytes]:
    """The frames that a network sees of a clip, a file each: those of a folder as they are, unless they are too large.

    Raises `DataError` for what is no clip.
    """
    from kcnn.data.taken import middle
    from kcnn.serving.frames import as_files, fitting

    wanted = viewing.height, viewing.width
    if clip.is_dir():
        from kcnn.data.files import frames_of
        from kcnn.data.footage import one_size

        files = frames_of(clip)
        one_size((file, size) for file in files if (size := _size(file)))
        shown = [contents(file) for file in files[middle(len(files), viewing.frames)]]
        return fitting(shown, viewing.channels, wanted)
    from kcnn.data.footage import scanned

    footage = scanned(clip, viewing.rate)
    seen = middle(footage.moments, viewing.frames)
    count = seen.stop - seen.start
    height, width = footage.size
    pixels = count * height * width * viewing.channels
    return as_files(footage.seen(seen.start, count, viewing.channels), pixels, wanted)


def _size(frame: Path) -> tuple[int, int] | None:
    """Height and width, as the file says them; None for what is no picture, which the server says."""
    from PIL import Image

    try:
        with Image.open(frame) as image:
            return image.height, image.width
    except (OSError, Image.DecompressionBombError):
        return None
