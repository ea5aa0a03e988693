"""What is planned, trained and stored: sweeps, single runs, paths, refits, largest strengths.

A `Workspace` travels beside what is asked for: the store, the device, the trainer, and whoever
listens. TensorFlow is loaded only once something has to be trained.
"""
