"""Requests and responses of TF Serving's REST API."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from kcnn.errors import InputError
from kcnn.serving.messages import DEFAULT_SIGNATURE, Tensor, answer, encode_images, parse

UINT8, FLOAT, TEXT, FLAG = np.dtype(np.uint8), np.dtype(np.float32), np.dtype(object), np.dtype(bool)
SIGNATURES = {
    DEFAULT_SIGNATURE: {"images": Tensor(UINT8, (-1, 2))},
    "serving_bytes": {"image_bytes": Tensor(TEXT, (-1,))},
    "two": {"pixels": Tensor(UINT8, (-1, 2)), "scale": Tensor(FLOAT, (-1,))},
    "any": {"x": Tensor(UINT8, (-1, -1, -1))},
    "floats": {"x": Tensor(FLOAT, (-1,))},
    "flags": {"x": Tensor(FLAG, (-1,))},
    "texts": {"x": Tensor(TEXT, (-1, -1))},
    "half": {"x": Tensor(np.dtype(np.float16), (-1,))},
}


def ask(signature=DEFAULT_SIGNATURE, **document):
    return parse(json.dumps({"signature_name": signature} | document).encode(), SIGNATURES)


def b64(content):
    return {"b64": base64.b64encode(content).decode()}


# What a request may look like


def test_row_form_takes_the_only_input_unnamed():
    request = ask(instances=[[1, 2], [3, 4]])
    assert request.rows
    assert request.inputs["images"].dtype == np.uint8
    assert request.inputs["images"].tolist() == [[1, 2], [3, 4]]


def test_row_form_takes_the_only_input_named():
    assert ask(instances=[{"images": [1, 2]}, {"images": [3, 4]}]).inputs["images"].tolist() == [[1, 2], [3, 4]]


def test_column_form_takes_the_only_input_unnamed():
    request = ask(inputs=[[1, 2], [3, 4]])
    assert not request.rows
    assert request.inputs["images"].tolist() == [[1, 2], [3, 4]]


def test_column_form_takes_the_only_input_named():
    assert ask(inputs={"images": [[1, 2], [3, 4]]}).inputs["images"].tolist() == [[1, 2], [3, 4]]


def test_two_inputs_are_the_same_in_row_and_in_column_form():
    rows = ask("two", instances=[{"pixels": [1, 2], "scale": 0.5}, {"pixels": [3, 4], "scale": 2}])
    columns = ask("two", inputs={"pixels": [[1, 2], [3, 4]], "scale": [0.5, 2]})
    for request in (rows, columns):
        assert request.inputs["pixels"].tolist() == [[1, 2], [3, 4]]
        assert request.inputs["scale"].tolist() == [0.5, 2.0]
        assert request.inputs["scale"].dtype == np.float32


@pytest.mark.parametrize("document", [{}, {"signature_name": ""}, {"signature_name": DEFAULT_SIGNATURE}])
def test_a_request_that_names_no_signature_means_the_default_one(document):
    request = parse(json.dumps(document | {"instances": [[1, 2]]}).encode(), SIGNATURES)
    assert request.signature == DEFAULT_SIGNATURE


@pytest.mark.parametrize("form", ["instances", "inputs"])
def test_b64_is_bytes_and_may_go_unnamed(form):
    contents = [b"\x00\xff", b"text\x00"]
    request = ask("serving_bytes", **{form: [b64(content) for content in contents]})
    assert request.inputs["image_bytes"].tolist() == contents


def test_b64_may_be_named():
    assert ask("serving_bytes", instances=[{"image_bytes": b64(b"\x00")}]).inputs["image_bytes"].tolist() == [b"\x00"]


def test_a_string_is_its_utf_8_bytes():
    assert ask("serving_bytes", instances=["grün"]).inputs["image_bytes"].tolist() == ["grün".encode()]


def test_strings_may_be_nested():
    assert ask("texts", instances=[["a", b64(b"\xff")], ["c", "d"]]).inputs["x"].tolist() == [
        [b"a", b"\xff"],
        [b"c", b"d"],
    ]


def test_whole_numbers_are_taken_where_fractions_are_asked_for():
    assert ask("floats", instances=[1, 2.5]).inputs["x"].tolist() == [1.0, 2.5]


def test_a_number_too_large_for_the_input_s_fractions_is_infinite():
    assert ask("half", instances=[1e9]).inputs["x"].tolist() == [np.inf]


def test_true_and_false_are_taken_where_they_are_asked_for():
    assert ask("flags", instances=[True, False]).inputs["x"].tolist() == [True, False]


@given(arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=5)), st.sampled_from(["instances", "inputs"]))
def test_every_array_of_pixels_arrives_as_it_was_sent(pixels, form):
    received = ask("any", **{form: pixels.tolist()}).inputs["x"]
    assert received.dtype == np.uint8
    assert np.array_equal(received, pixels)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5))
def test_encoded_images_arrive_as_they_were_sent(contents):
    request = parse(encode_images(contents), SIGNATURES)
    assert request.signature == "serving_bytes"
    assert request.rows
    assert request.inputs["image_bytes"].tolist() == contents


def test_as_in_tf_serving_a_number_may_be_nan_or_infinite():
    numbers = parse(b'{"signature_name": "floats", "instances": [NaN, 1, Infinity, -Infinity]}', SIGNATURES).inputs["x"]

    np.testing.assert_array_equal(numbers, np.array([np.nan, 1, np.inf, -np.inf], np.float32))


# What is refused


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_a_whole_number_may_not(token):
    with pytest.raises(InputError, match="images must hold values of type uint8, got"):
        parse(f'{{"instances": [[{token}, 1]]}}'.encode(), SIGNATURES)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the request is not JSON"),
        (b"{", "the request is not JSON"),
        (b"\xff\xfe", "the request is not JSON"),
        (b"[" * 100_000, "the request is not JSON"),
        (b"[]", "the request must be a JSON object, got a list"),
        (b'"instances"', "the request must be a JSON object, got a string"),
        (b"3", "the request must be a JSON object, got a number"),
        (b"null", "the request must be a JSON object, got null"),
        (b"true", "the request must be a JSON object, got true or false"),
        (b"{}", "either 'instances' (row form) or 'inputs' (column form)"),
        (b'{"instances": [[1, 2]], "inputs": [[1, 2]]}', "either 'instances' (row form) or 'inputs' (column form)"),
        (b'{"instances": []}', "'instances' must be a list of at least one example"),
        (b'{"instances": 3}', "'instances' must be a list of at least one example"),
        (b'{"instances": {"images": [[1, 2]]}}', "'instances' must be a list of at least one example"),
    ],
)
def test_what_is_no_request_is_refused(body, message):
    with pytest.raises(InputError) as refused:
        parse(body, SIGNATURES)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ("serving_byte", "unknown signature_name 'serving_byte': did you mean 'serving_bytes'?"),
        (["two"], "unknown signature_name"),
        (7, "unknown signature_name '7'"),
    ],
)
def test_an_unknown_signature_is_refused_by_name(signature, message):
    with pytest.raises(InputError) as refused:
        ask(signature, instances=[[1, 2]])
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[1, 2, 3]], "images must have the shape (any, 2), got (1, 3)"),
        ([1, 2], "images must have the shape (any, 2), got (2)"),
        ([[[1, 2]]], "images must have the shape (any, 2), got (1, 1, 2)"),
        ([[]], "images must have the shape (any, 2), got (1, 0)"),
        ([[1, 2], [3]], "images: the lists must have equal lengths"),
        ([[1, 2], 3], "images: the lists must have equal lengths"),
        ([[1, 256]], "images must be in 0..255, got 256"),
        ([[-1, 2]], "images must be in 0..255, got -1"),
        ([[1, 10**30]], "images must hold values of type uint8, got a number beyond 64 bits"),
        ([[1.5, 2]], "images must hold values of type uint8, got a fraction"),
        ([["a", "b"]], "images must hold values of type uint8, got a string"),
        ([[True, False]], "images must hold values of type uint8, got true or false"),
        ([[1, None]], "images must hold values of type uint8, got null"),
        ([[{}, 2]], "images must hold values of type uint8, got an object"),
        ([b64(b"x")], "images must hold values of type uint8, got an object"),
    ],
)
@pytest.mark.parametrize("form", ["instances", "inputs"])
def test_values_that_do_not_fit_are_refused_with_the_input_s_name(form, value, message):
    with pytest.raises(InputError) as refused:
        ask(**{form: value})
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{"b64": "!"}], "image_bytes: the value of 'b64' is not base64"),
        ([{"b64": "YQ"}], "image_bytes: the value of 'b64' is not base64"),
        ([{"b64": "YQ==\n"}], "image_bytes: the value of 'b64' is not base64"),
        ([{"b64": "ü"}], "image_bytes: the value of 'b64' is not base64"),
        ([{"b64": 3}], 'image_bytes must hold strings or {"b64": "…"}, got an object'),
        ([3], 'image_bytes must hold strings or {"b64": "…"}, got a number'),
        ([None], 'image_bytes must hold strings or {"b64": "…"}, got null'),
        (["\ud800"], "image_bytes must hold Unicode text"),
        ([["a"]], "image_bytes must have the shape (any), got (1, 1)"),
        ([["a"], "b"], "image_bytes: the lists must have equal lengths"),
        ([["a", "b"], ["c"]], "image_bytes: the lists must have equal lengths"),
    ],
)
@pytest.mark.parametrize("form", ["instances", "inputs"])
def test_strings_that_do_not_fit_are_refused_with_the_input_s_name(form, value, message):
    with pytest.raises(InputError) as refused:
        ask("serving_bytes", **{form: value})
    assert message in str(refused.value)


def test_column_form_without_examples_is_refused():
    with pytest.raises(InputError, match=r"image_bytes must have the shape \(any\), got \(0\)"):
        ask("serving_bytes", inputs=[])


@pytest.mark.parametrize(
    ("instance", "got"),
    [
        ([1, 2], "a list"),
        ({"pixels": [1, 2]}, "'pixels'"),
        ({"pixels": [1, 2], "size": 1}, "'pixels', 'size'"),
        ({"pixels": [1, 2], "scale": 1, "size": 1}, "'pixels', 'scale', 'size'"),
        (b64(b"x"), "'b64'"),
    ],
)
def test_inputs_that_are_missing_or_too_many_are_refused_by_name(instance, got):
    with pytest.raises(InputError) as refused:
        ask("two", instances=[instance])
    assert str(refused.value) == f"the inputs are 'pixels', 'scale', got {got}"


def test_inputs_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="the same first dimension"):
        ask("two", inputs={"pixels": [[1, 2], [3, 4]], "scale": [1]})


# What an answer looks like


def test_in_row_form_a_single_output_goes_unnamed():
    assert json.loads(answer({"y": np.array([[1, 2], [3, 4]])}, rows=True)) == {"predictions": [[1, 2], [3, 4]]}


def test_in_row_form_several_outputs_are_one_object_an_example():
    response = answer({"y": np.array([1, 2]), "name": np.array([b"a", b"b"], object)}, rows=True)
    assert json.loads(response) == {"predictions": [{"y": 1, "name": "a"}, {"y": 2, "name": "b"}]}


def test_in_column_form_a_single_output_goes_unnamed():
    assert json.loads(answer({"y": np.array([1, 2])}, rows=False)) == {"outputs": [1, 2]}


def test_in_column_form_several_outputs_are_one_list_an_output():
    response = answer({"y": np.array([1, 2]), "name": np.array([b"a", b"b"], object)}, rows=False)
    assert json.loads(response) == {"outputs": {"y": [1, 2], "name": ["a", "b"]}}


@pytest.mark.parametrize(
    "outputs",
    [{"y": np.array([1, 2]), "z": np.array([1])}, {"y": np.array([1]), "z": np.array(0.5)}, {"y": np.array(0.5)}],
)
def test_outputs_that_are_not_one_an_example_are_answered_in_column_form_only(outputs):
    with pytest.raises(InputError, match="ask in column form"):
        answer(outputs, rows=True)
    values = {name: array.tolist() for name, array in outputs.items()}
    assert json.loads(answer(outputs, rows=False)) == {"outputs": values if len(values) > 1 else values["y"]}


def test_an_output_whose_name_ends_in_bytes_is_base64():
    response = answer({"file_bytes": np.array([[b"\xff\x00"]], object)}, rows=True)
    assert json.loads(response) == {"predictions": [[b64(b"\xff\x00")]]}


def test_any_other_string_is_text():
    response = answer({"names": np.array([["grün".encode(), b"\xff"]], object)}, rows=True)
    assert json.loads(response) == {"predictions": [["grün", "�"]]}
