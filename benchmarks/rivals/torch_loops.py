"""PyTorch: a plain loop, and members stacked by hand with `baddbmm`."""

import time

from benchmarks.workload import BATCH, Workload


def seconds_per_step_plain(work: Workload, epochs: int) -> float:
    """Seconds of a model-step of a plain training loop."""
    import torch

    torch.manual_seed(0)
    x, y = torch.tensor(work.x), torch.tensor(work.y)
    layers = (torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    kernels = [model[0].weight, model[2].weight]
    started = time.perf_counter()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss = loss + sum(1e-4 * k.abs().sum() + 1e-4 * k.square().sum() for k in kernels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return (time.perf_counter() - started) / (epochs * work.steps)


def seconds_per_step_stacked(work: Workload, members: int, epochs: int) -> float:
    """Seconds of a model-step with weights stacked along a leading axis."""
    import torch

    torch.manual_seed(0)
    x, y = torch.tensor(work.x), torch.tensor(work.y)
    shapes = ((64, 128), (1, 128), (128, 10), (1, 10))
    weights = [torch.randn(members, *shape) * 0.1 for shape in shapes]
    w1, b1, w2, b2 = (weight.requires_grad_() for weight in weights)
    strengths = torch.rand(members, 1, 1) * 1e-4
    optimizer = torch.optim.Adam([w1, b1, w2, b2], 1e-3)
    started = time.perf_counter()
    for _ in range(epochs):
        orders = torch.stack([torch.randperm(len(x)) for _ in range(members)])
        for rows in orders.split(BATCH, dim=1):
            hidden = torch.relu(torch.baddbmm(b1, x[rows], w1))
            scores = torch.baddbmm(b2, hidden, w2)
            loss = torch.nn.functional.cross_entropy(
                scores.flatten(0, 1), y[rows].flatten(), reduction="sum"
            )
            loss = loss / rows.shape[1]
            loss = loss + sum((strengths * (w.abs() + w.square())).sum() for w in (w1, w2))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return (time.perf_counter() - started) / (epochs * members * work.steps)
