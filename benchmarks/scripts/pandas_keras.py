"""What a user writes today for a table: pandas, and one `fit` of Keras."""

import sys

import keras
import numpy as np
import pandas as pd

table = pd.read_csv(sys.argv[1])
y = (table.pop("label") == "yes").to_numpy(np.float32)
order = np.random.default_rng(0).permutation(len(table))
fifth = len(table) // 5
test, validation, train = np.split(order, [fifth, 2 * fifth])
table = table.fillna(table.iloc[train].mean(numeric_only=True))
table = pd.get_dummies(table, dtype=np.float32)
table = (table - table.iloc[train].mean()) / table.iloc[train].std(ddof=0)
x = table.to_numpy(np.float32)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((x.shape[1],)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(
    x[train],
    y[train],
    batch_size=1024,
    epochs=2,
    validation_data=(x[validation], y[validation]),
    verbose=0,
)
for rows in (train, validation, test):
    model.evaluate(x[rows], y[rows], batch_size=1024, verbose=0)
