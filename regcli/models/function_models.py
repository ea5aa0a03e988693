"""Models that a person's function returns."""

import keras

from regcli.config.model_section import Model
from regcli.config.own_code import PYTHON
from regcli.errors import ModelError
from regcli.models.called_function import blaming_code, call_function
from regcli.models.interface import Interface
from regcli.models.keras_private import names_counted_afresh
from regcli.models.returned_models import checked_model


def function_model(model: Model, interface: Interface) -> keras.Model:
    """What the function of a config returns, called once.

    Its layers have the names that they would have in a process that made no others before.

    Raises:
        ModelError: the code must not be run, or raises; what it returns is no model for the data.
    """
    code = model.code
    if code is None:
        raise ModelError(PYTHON, f"the code of {model.python} has not been read")
    of_data = {"input_shape": interface.input_shape, "outputs": interface.outputs}
    with names_counted_afresh():
        given = call_function(code, model.function, model.args or {}, of_data)
        with blaming_code(code):
            return checked_model(given, model.function, interface, PYTHON)
