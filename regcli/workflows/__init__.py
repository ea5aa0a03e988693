"""What is planned, trained and stored: sweeps, single runs, paths, refits, largest strengths.

A `Workspace` is passed along with each request: the store, the device, the engine, and the
listens. TensorFlow is loaded only once something has to be trained.
"""
