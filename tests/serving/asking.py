"""Asking a server over HTTP, and the questions that these tests ask."""

import base64
import json
import urllib.error
import urllib.request

from .conftest import image

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(url, document=None, method=None):
    """Status and JSON of what the server answers; a document is POSTed."""
    body = document if document is None or isinstance(document, bytes) else json.dumps(document).encode()
    try:
        with DIRECT.open(urllib.request.Request(url, body, method=method), timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def names(url, document, path="colours"):
    """The class names that a model answers with, in row form."""
    status, answer = call(f"{url}/v1/models/{path}:predict", document)
    assert status == 200, answer
    return [row["class_name"] for row in answer["predictions"]]


def pixels(*colours):
    return {"instances": [image(colour).tolist() for colour in colours]}


def b64(content):
    return {"b64": base64.b64encode(content).decode()}
