"""What stacked code works on, by name; shapes stand in the docstrings."""

from typing import TypeAlias

import tensorflow as tf

Tensor: TypeAlias = tf.Tensor
"""A tensor of TensorFlow, symbolic where a program is traced."""
Tensors: TypeAlias = list[Tensor]
