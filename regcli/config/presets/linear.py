"""No hidden layer: linear, logistic and multinomial regression."""

from regcli.config.presets.preset import Preset

LINEAR = Preset("linear", "the output layer alone", lambda options: [])
LOGISTIC = Preset("logistic", "the output layer alone, as in logistic regression", LINEAR.layers)
