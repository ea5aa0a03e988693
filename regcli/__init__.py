"""regcli: compare L1/L2 regularization settings of Keras models."""

__version__ = "0.1.0"
