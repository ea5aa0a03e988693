"""Why something failed, out of what Keras and TensorFlow say around it."""

import pytest

from regcli.models.reasons import first_sentence, said

WRAPPED = """Exception encountered when calling GaussianDropout.call().

\x1b[1mfloat division by zero\x1b[0m

Arguments received by GaussianDropout.call():
  • inputs=tf.Tensor(shape=(None, 4), dtype=float32)
  • training=True"""
GRAPH = """Graph execution error:

Detected at node sequential_1/embedding_1/GatherV2 defined at (most recent call last):
  File "/usr/lib/python3.11/runpy.py", line 198, in _run_module_as_main

  File "/usr/lib/python3.11/runpy.py", line 88, in _run_code

indices[0,2] = 10 is not in [0, 10)
\t [[{{node sequential_1/embedding_1/GatherV2}}]] [Op:__inference_multi_step_on_iterator_757]"""
UNAVAILABLE = """Graph execution error:

Detected at node model/dense/MatMul defined at (most recent call last):
<stack traces unavailable>
2 root error(s) found.
  (0) INVALID_ARGUMENT:  Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]
\t [[{{node model/dense/MatMul}}]]"""
USER_CODE = """in user code:

    File "/site-packages/keras/src/layers/layer.py", line 12, in call  *
        return self.scale(inputs)
        ~~~~~~~~~~^^^^^^^^
    File "/site-packages/keras/src/layers/layer.py", line 30, in scale

    ValueError: Dimensions must be equal, but are 3 and 4."""
NESTED = """Exception encountered when calling Sequential.call().

\x1b[1mException encountered when calling Dense.call().

'my layer' is not a valid scope name\x1b[0m"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (WRAPPED, "float division by zero"),
        (GRAPH, "indices[0,2] = 10 is not in [0, 10)"),
        (UNAVAILABLE, "Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]"),
        (USER_CODE, "Dimensions must be equal, but are 3 and 4"),
        (NESTED, "'my layer' is not a valid scope name"),
        ("rate must be below 1.", "rate must be below 1"),
        ("first line\nsecond line", "first line"),
        ("x" * 400, "x" * 299 + "…"),
        ("", "ValueError"),
        ("Exception encountered when calling Sequential.call().", "ValueError"),
    ],
)
def test_the_sentence_that_says_why(text: str, reason: str) -> None:
    assert first_sentence(ValueError(text)) == reason


def test_a_wrapper_without_a_reason_gives_that_of_its_cause() -> None:
    error = ValueError("Exception encountered when calling Cond.call().")
    error.__cause__ = ZeroDivisionError("float division by zero")
    assert said(error) == "ValueError: float division by zero"
    assert said(KeyError()) == "KeyError"
