"""A config's architecture as a Keras model, with its penalties.

Importing this room loads TensorFlow, silently: nothing else in regcli does so before it.
"""

from regcli.models.quiet import load_tensorflow_quietly

load_tensorflow_quietly()
