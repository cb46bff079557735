"""Asking TF Serving, or any server that speaks its REST protocol, without TensorFlow."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any, cast
from urllib.parse import quote, urlsplit

import numpy as np

from kcnn.errors import InputError
from kcnn.serving.answers import Answer, Picture, Prediction, Reading, Sound, Viewing, answered
from kcnn.serving.messages import (
    DEFAULT_SIGNATURE,
    encode_clip,
    encode_images,
    encode_question,
    encode_sayings,
    encode_series,
    encode_sounds,
    encode_texts,
    encode_wishes,
)


class Refused(InputError):
    """The server answered with an error; `status` is HTTP's."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


_OTHERS = {
    frozenset({"class_name", "seed"}): "generator",
    frozenset({"text"}): "texts",
    frozenset({"series"}): "series",
    frozenset({"wav_bytes"}): "sounds",
    frozenset({"levels"}): "forecasts",
    frozenset({"frame_bytes"}): "clips",
}
"""Who is not asked about images, by what its signature takes."""

_OF_SOUNDS = frozenset({"seed", "seconds"})
"""What the signature of who makes sounds takes beside the names of what is told."""


class Client:
    """A server at `url`, such as `http://127.0.0.1:8501`. Each call takes `timeout` seconds at most."""

    def __init__(self, url: str, timeout: float = 60.0):
        host = _host(url)
        self._url = url.rstrip("/")
        self._timeout = timeout
        # A proxy for the outside world does not know this machine's ports.
        local = host in ("localhost", "::1") or host.startswith("127.")
        handlers = [urllib.request.ProxyHandler({})] if local else []
        self._opener = urllib.request.build_opener(*handlers)

    def predict_images(self, model: str, encoded: list[bytes]) -> list[Prediction]:
        """What a classifier exported by kcnn sees in encoded images (PNG, JPEG, BMP or GIF), in their order.

        Raises `InputError` if no server answers, and `Refused` if it does not accept the request.
        """
        answers = self.answers(model, encoded)
        if not all(isinstance(answer, Prediction) for answer in answers):
            raise InputError(f"{model} at {self._url} is no classifier")
        return cast(list[Prediction], answers)

    def answers(self, model: str, encoded: list[bytes]) -> list[Answer]:
        """What any model exported by kcnn answers to encoded images, in their order. Raises as `predict_images`."""
        return self._rows(model, encode_images(encoded), len(encoded))

    def texts(self, model: str, texts: list[str]) -> list[Prediction]:
        """What a classifier of texts makes of them, in their order. Raises as `predict_images`."""
        return cast(list[Prediction], self._rows(model, encode_texts(texts), len(texts)))

    def series(self, model: str, series: np.ndarray) -> Answer:
        """What a network answers to a series (steps, channels), or to levels. Raises as `predict_images`."""
        return self._rows(model, encode_series([series]), 1)[0]

    def sounds(self, model: str, files: list[bytes]) -> list[Prediction]:
        """What a classifier of recordings hears in WAV files, in their order. Raises as `predict_images`."""
        return cast(list[Prediction], self._rows(model, encode_sounds(files), len(files)))

    def clips(self, model: str, clips: list[list[bytes]]) -> list[Prediction]:
        """What a classifier of clips sees in them, each a list of encoded frames (`frames`), in their order.

        A request holds one clip: they may differ in length. Raises as `predict_images`.
        """
        return [cast(Prediction, self._rows(model, encode_clip(frames), 1)[0]) for frames in clips]

    def viewing(self, model: str) -> Viewing:
        """What of a clip a classifier of clips sees. Raises as `predict_images`."""
        return cast(Viewing, self._rows(model, encode_question("viewing"), 1)[0])

    def reading(self, model: str) -> Reading:
        """How who forecasts reads a file of series. Raises as `predict_images`."""
        return cast(Reading, self._rows(model, encode_question("reading"), 1)[0])

    def sound_inputs(self, model: str) -> tuple[str, ...]:
        """What who makes sounds is told: `class_name`, `speaker`, both or nothing. Raises as `predict_images`."""
        return tuple(sorted(self._inputs(model) - _OF_SOUNDS))

    def make_sounds(self, model: str, sayings: list[dict[str, str]], seeds: list[int], seconds: float) -> list[Sound]:
        """New sounds of `seconds`, each of what is told about it, one a seed. Raises as `predict_images`."""
        return cast(list[Sound], self._rows(model, encode_sayings(sayings, seeds, seconds), len(sayings)))

    def generate(self, model: str, names: list[str], seeds: list[int]) -> list[Picture]:
        """New images of the classes of those names, one a seed. Raises as `predict_images`, also for other names."""
        return cast(list[Picture], self._rows(model, encode_wishes(names, seeds), len(names)))

    def kind(self, model: str) -> str:
        """What a model exported by kcnn answers images with: `classes`, `masks` or `images`; or whom it is for.

        These are a `generator`, which makes images of classes, a `sound generator`, who reads `texts` or `series`, who
        `forecasts`, who hears `sounds`, and who sees `clips`. Raises as `predict_images`.
        """
        given = self._inputs(model)
        if given in _OTHERS or given > _OF_SOUNDS or given == _OF_SOUNDS:
            return _OTHERS.get(given, "sound generator")
        try:
            outputs = set(self._signatures(model)["serving_bytes"]["outputs"])
        except (KeyError, TypeError):
            raise self._foreign(model) from None
        return "masks" if "mask_bytes" in outputs else "images" if "image_bytes" in outputs else "classes"

    def _inputs(self, model: str) -> frozenset[str]:
        """What the signature that is meant unless another is named takes."""
        try:
            return frozenset(self._signatures(model)[DEFAULT_SIGNATURE]["inputs"])
        except (KeyError, TypeError):
            raise self._foreign(model) from None

    def _signatures(self, model: str) -> Any:
        return self._call(f"/v1/models/{quote(model, safe='')}/metadata")["metadata"]["signature_def"]["signature_def"]

    def _foreign(self, model: str) -> InputError:
        return InputError(f"{model} at {self._url} is no model exported by kcnn")

    def _rows(self, model: str, body: bytes, count: int) -> list[Answer]:
        answer = self._call(f"/v1/models/{quote(model, safe='')}:predict", body)
        try:
            rows = [answered(row) for row in answer["predictions"]]
        except (KeyError, TypeError, ValueError):
            rows = []
        if len(rows) != count:
            raise InputError(f"{model} at {self._url} does not answer as models exported by kcnn do")
        return rows

    def status(self, model: str) -> dict[int, str]:
        """The state of each version, `AVAILABLE` where it answers."""
        answer = self._call(f"/v1/models/{quote(model, safe='')}")
        try:
            return {int(row["version"]): row["state"] for row in answer["model_version_status"]}
        except (KeyError, TypeError, ValueError):
            raise InputError(f"{self._url} does not speak TF Serving's protocol") from None

    def _call(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self._url + path, body, {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(_message(error), error.code) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            if isinstance(reason, TimeoutError):
                raise InputError(
                    f"{self._url} did not answer within {self._timeout:g} s: --timeout waits longer"
                ) from None
            raise InputError(f"no server answers at {self._url} ({reason}): kcnn serve starts one") from None
        except ValueError:
            raise InputError(f"{self._url} does not speak TF Serving's protocol") from None


def _host(url: str) -> str:
    """The host that a URL names."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts.hostname
    except ValueError:  # brackets or a port that cannot be
        pass
    raise InputError(f"server must be a URL such as http://127.0.0.1:8501, got {url!r}")


def _message(error: urllib.error.HTTPError) -> str:
    """What the server says is wrong."""
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"the server answered {error.code} {error.reason}"
