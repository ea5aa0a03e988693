"""Numbers from models: the reference trainer, its evaluation, and the devices it runs on."""

from regcli.models.quiet import load_tensorflow_quietly

load_tensorflow_quietly()
