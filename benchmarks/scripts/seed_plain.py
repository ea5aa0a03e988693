"""The config `seed` as a person writes it without regcli: the textbook example in Keras."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).random((100, 10)).astype("float32")
y = (x.sum(axis=1) > 5).astype("float32")
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(32, activation="relu", kernel_regularizer=keras.regularizers.l2(0.01)),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5, batch_size=32, verbose=0)
loss, accuracy = model.evaluate(x, y, verbose=0)
print(f"loss {loss:.4f}, accuracy {accuracy:.4f}")
