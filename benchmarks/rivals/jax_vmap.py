"""JAX by hand: one member's training step under `vmap`, an epoch under `scan`, compiled whole."""

import threading
import time

import numpy as np

from benchmarks.workload import BATCH, Workload


def seconds_per_step(work: Workload, members: int, epochs: int, threads: int = 1) -> float:
    """Seconds of a model-step once compiled; several threads have members of their own."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    x, y = jnp.asarray(work.x), jnp.asarray(work.y)
    shapes = ((64, 128), (128,), (128, 10), (10,))

    def loss_of(weights: list[jax.Array], rows: jax.Array, strength: jax.Array) -> jax.Array:
        w1, b1, w2, b2 = weights
        scores = jax.nn.relu(x[rows] @ w1 + b1) @ w2 + b2
        picked = jnp.take_along_axis(jax.nn.log_softmax(scores), y[rows][:, None], 1)
        penalty = sum(jnp.abs(w).sum() + jnp.square(w).sum() for w in (w1, w2))
        return -picked.mean() + strength * penalty

    def step(state: tuple, rows: jax.Array, strength: jax.Array) -> tuple:
        weights, first, second, count = state
        loss, slopes = jax.value_and_grad(loss_of)(weights, rows, strength)
        count = count + 1
        first = [0.9 * m + 0.1 * g for m, g in zip(first, slopes, strict=True)]
        second = [0.999 * v + 0.001 * g * g for v, g in zip(second, slopes, strict=True)]
        rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        moved = zip(weights, first, second, strict=True)
        weights = [w - rate * m / (jnp.sqrt(v) + 1e-7) for w, m, v in moved]
        return (weights, first, second, count), loss

    @jax.jit
    def epoch(state: tuple, orders: jax.Array, strengths: jax.Array) -> tuple:
        def body(carried: tuple, rows: jax.Array) -> tuple:
            return jax.vmap(step)(carried, rows, strengths)

        return jax.lax.scan(body, state, orders)

    def start() -> list:
        weights = [jnp.asarray(rng.normal(size=(members, *s)), jnp.float32) * 0.1 for s in shapes]
        zeros = [jnp.zeros_like(w) for w in weights]
        state = (weights, zeros, zeros, jnp.zeros(members))
        full = (len(work.x) // BATCH) * BATCH
        orders = np.stack([rng.permutation(len(work.x))[:full] for _ in range(members)], 1)
        return [state, jnp.asarray(orders.reshape(-1, BATCH, members).swapaxes(1, 2))]

    strengths = jnp.linspace(0, 1e-4, members)
    states = [start() for _ in range(threads)]
    jax.block_until_ready(epoch(states[0][0], states[0][1], strengths))

    def train(place: int) -> None:
        state, orders = states[place]
        for _ in range(epochs):
            state, _ = epoch(state, orders, strengths)
        jax.block_until_ready(state)

    workers = [threading.Thread(target=train, args=(place,)) for place in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    steps = len(work.x) // BATCH
    return (time.perf_counter() - started) / (epochs * members * steps * threads)
