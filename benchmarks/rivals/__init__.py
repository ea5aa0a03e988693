"""The same training by other tools: digits, a 64-128-10 network, Adam, batches of 32."""

from regcli.models.quiet import load_tensorflow_quietly

load_tensorflow_quietly()
