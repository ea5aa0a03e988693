"""Layers that are random, also where they stand inside others."""

import keras
import pytest

from regcli.models.randomness import has_randomness

L = keras.layers

RANDOM = [
    L.Dropout(0.1),
    L.Dropout(0.0),
    L.SpatialDropout1D(0.1),
    L.GaussianNoise(0.1),
    L.RandomFlip(),
    L.LSTM(2, dropout=0.1),
    L.GRU(2, recurrent_dropout=0.1),
    L.ConvLSTM1D(2, 2, dropout=0.1),
    L.RNN([L.LSTMCell(2), L.LSTMCell(2, dropout=0.1)]),
    L.Bidirectional(L.LSTM(2), backward_layer=L.LSTM(2, dropout=0.1, go_backwards=True)),
    L.TimeDistributed(L.Dropout(0.1)),
    L.TimeDistributed(L.TimeDistributed(L.GaussianDropout(0.1))),
]
FIXED = [
    L.Dense(2),
    L.BatchNormalization(),
    L.LSTM(2),
    L.RNN([L.LSTMCell(2), L.LSTMCell(2)]),
    L.Bidirectional(L.LSTM(2)),
    L.TimeDistributed(L.Dense(2)),
    L.Rescaling(2.0),
]


@pytest.mark.parametrize("layer", RANDOM)
def test_random_layers(layer: keras.Layer) -> None:
    assert has_randomness(layer)


@pytest.mark.parametrize("layer", FIXED)
def test_layers_that_are_not(layer: keras.Layer) -> None:
    assert not has_randomness(layer)
