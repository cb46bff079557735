"""A server that speaks TF Serving's REST protocol, for where TF Serving itself is not at hand."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kcnn.errors import InputError
from kcnn.serving import ports
from kcnn.serving.messages import answer, parse
from kcnn.serving.repository import NotFound, Repository

LARGEST_REQUEST = 64 << 20
"""Bytes; a larger request is answered 413."""


def serve(directory: Path, listening: socket.socket, ready: Callable[[str], None] | None = None) -> None:
    """Answer on a socket (`ports.claim`) for every model in `directory` until the process is told to stop.

    `ready` hears the URL once the models are loaded.
    """
    repository = Repository(directory)
    _load_all(repository)
    if ready:
        ready(ports.url(listening))
    _server(repository).run(sockets=[listening])


@contextmanager
def running(directory: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """A server in a thread of this process for as long as the block lasts; its URL."""
    listening = ports.claim(host, port)
    server = _server(Repository(directory))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server has stopped while starting")
        time.sleep(0.01)
    try:
        yield ports.url(listening)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def application(repository: Repository) -> Starlette:
    """The ASGI application."""
    endpoints = _Endpoints(repository)
    model, version = "/v1/models/{name}", "/v1/models/{name}/versions/{version}"
    routes = [
        Route("/health", endpoints.health),
        Route("/v1/models", endpoints.models),
        *(Route(f"{path}:predict", endpoints.predict, methods=["POST"]) for path in (version, model)),
        *(Route(f"{path}/metadata", endpoints.metadata) for path in (version, model)),
        *(Route(path, endpoints.status) for path in (version, model)),
    ]
    handlers: dict[Any, Any] = {
        InputError: _refused,
        HTTPException: _http_error,
        ClientDisconnect: _gone,
        Exception: _failed,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


class _Endpoints:
    def __init__(self, repository: Repository):
        self._repository = repository

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def models(self, _request: Request) -> Response:
        return JSONResponse({"models": await run_in_threadpool(self._repository.names)})

    async def status(self, request: Request) -> Response:
        name, version = _place(request)
        found = await run_in_threadpool(self._repository.status, name)
        if version is not None and version not in found:
            raise NotFound(f"Could not find version {version} of model {name}")
        states = [
            {
                "version": str(number),
                "state": "END" if fault else "AVAILABLE",
                "status": {"error_code": "UNKNOWN" if fault else "OK", "error_message": fault or ""},
            }
            for number, fault in found.items()
            if version in (None, number)
        ]
        return JSONResponse({"model_version_status": states})

    async def metadata(self, request: Request) -> Response:
        name, version = _place(request)
        model = await run_in_threadpool(self._repository.get, name, version)
        spec = {"name": name, "signature_name": "", "version": str(model.version)}
        definitions = {"signature_def": {"signature_def": model.signature_defs}}
        return JSONResponse({"model_spec": spec, "metadata": definitions})

    async def predict(self, request: Request) -> Response:
        name, version = _place(request)
        body = await _body(request)

        def work() -> bytes:
            model = self._repository.get(name, version)
            asked = parse(body, model.signatures)
            return answer(model.predict(asked), asked.rows)

        return Response(await run_in_threadpool(work), media_type="application/json")


def _server(repository: Repository) -> uvicorn.Server:
    config = uvicorn.Config(
        application(repository),
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def _load_all(repository: Repository) -> None:
    """Load all versions of every model, so that no request waits; what is wrong with a broken one its status says."""
    for name in repository.names():
        repository.status(name)


def _place(request: Request) -> tuple[str, int | None]:
    """The model and version that a path names."""
    name, version = request.path_params["name"], request.path_params.get("version")
    if ":" in (version or name) and request.method != "POST":
        raise HTTPException(405, "Method Not Allowed", headers={"Allow": "POST"})
    if version is None:
        return name, None
    if not (version.isascii() and version.isdigit() and len(version) < 20):  # a version has 64 bits
        raise HTTPException(404, "Not Found")
    return name, int(version)


async def _body(request: Request) -> bytes:
    """The request's body, of at most `LARGEST_REQUEST` bytes."""
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        # What is too much is read, not kept: a client hears nothing before it has sent everything.
        if size <= LARGEST_REQUEST:
            body += chunk
    if size > LARGEST_REQUEST:
        raise HTTPException(413, f"the request is larger than {LARGEST_REQUEST >> 20} MiB")
    return bytes(body)


async def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 404 if isinstance(error, NotFound) else 400)


async def _http_error(request: Request, error: HTTPException) -> Response:
    message = error.detail if error.status_code == 413 else f"{error.detail}: {request.method} {request.url.path}"
    return JSONResponse({"error": message}, error.status_code, headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody hears it


async def _failed(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"{type(error).__name__}: {json.dumps(str(error))}"}, 500)
