"""scikit-learn's grid search over its own network (L2 alone), on all cores."""

import time
import warnings

from benchmarks.workload import BATCH, Workload


def seconds_per_step(work: Workload, models: int, epochs: int) -> float:
    """Seconds of a model-step of `GridSearchCV(MLPClassifier, n_jobs=-1)`, processes included."""
    from joblib.externals.loky import get_reusable_executor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    fold = [-1] * (len(work.x) - 1) + [0]
    search = GridSearchCV(
        MLPClassifier((128,), batch_size=BATCH, max_iter=epochs, n_iter_no_change=epochs),
        {"alpha": [10.0**-power for power in range(models)]},
        cv=PredefinedSplit(fold),
        n_jobs=-1,
        refit=False,
    )
    started = time.perf_counter()
    search.fit(work.x, work.y)
    taken = time.perf_counter() - started
    get_reusable_executor().shutdown()  # else this process would wait minutes for its workers
    return taken / (models * epochs * work.steps)
