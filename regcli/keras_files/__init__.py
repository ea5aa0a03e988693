"""Reading a person's `.keras` file without running what is in it.

Nothing here loads TensorFlow or Keras: a file is checked before Keras sees any of it. What Keras
makes of a checked file is in `regcli.models.file_models`.
"""
