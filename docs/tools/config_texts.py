"""What the config reference says that no schema knows: its opening, and examples."""

from collections.abc import Mapping

OPENING = """\
# Config reference

A config is a YAML file. It says which data, which model, how strong the
regularization is, how the model is trained, and which grid of settings a sweep
trains. This page is made from the schema that checks configs (`make docs`).

- Every key but the data has a default. `regcli validate CONFIG` shows a config
  with all of its defaults.
- `regcli init` writes the JSON Schema of a config beside a starter config, so
  that editors complete and check as you type. `regcli schema` prints it.
- On the command line, `--set dotted.key=value` sets any key, and
  `--vary dotted.key=value,value` varies any key.
- Unknown and duplicate keys are errors. All mistakes are reported at once, each
  with file, line and column.
- Numbers are those of YAML 1.2: `1e-3` is a number.

```console
$ regcli schema > regcli.schema.json
```
"""

WHOLE_CONFIG = """\
name: my-model
dataset:
  name: breast_cancer         # or file: train.csv with target: label
  noise_features: 5
model:
  layers:
    - Dense: {units: 64, activation: relu}
    - Dropout: {rate: 0.2}
regularization:
  method: proximal            # zeros that are exactly 0.0
training:
  optimizer: {name: adam, learning_rate: 3e-3}
  epochs: 40
  early_stopping: {patience: 8}
sweep:
  l1: 0,log:1e-4:1e-2:5       # six values
  l2: 0,1e-3                  # two values
  seeds: 3                    # 6 × 2 × 3 = 36 runs
metrics: [accuracy, roc_auc]
select_by: validation.roc_auc
checks:
  - best:validation.roc_auc<0.9   # a build fails then
"""

EXAMPLES: Mapping[str, str] = {
    "dataset": """\
dataset:
  file: customers.csv
  target: churned
  positive: "yes"
  groups: customer
  drop: [phone, notes]
  test: later_customers.csv
  scale: minmax
  types: {zip: category, size: {ordinal: [S, M, L]}}
  missing: {default: median, plan: most_frequent}
""",
    "dataset.target": """\
dataset:
  file: houses.csv
  target: {column: price, log: true, scale: standard}
""",
    "dataset.fold": """\
dataset:
  name: iris
  fold: {number: 0, of: 5}    # one run on the first of five folds
""",
    "model": """\
model:
  layers:
    - BatchNormalization
    - Dense: {units: 128, activation: relu, name: wide}
    - Dropout: {rate: 0.2}
    - Dense: {units: 64, activation: relu, l2: 0.1}   # its own l2
""",
    "regularization": """\
regularization:
  l1: 0.001
  method: proximal
  layers: hidden
  group: inputs
  group_strength: 0.01
""",
    "regularization.bias": """\
regularization:
  l2: 0.01
  bias: {l2: 0.001}
""",
    "training": """\
training:
  optimizer:
    name: sgd
    momentum: 0.9
    learning_rate:
      CosineDecay: {initial_learning_rate: 0.1, decay_steps: 1000}
  epochs: 100
  batch_size: 64
  class_weight: balanced
""",
    "training.early_stopping": """\
training:
  early_stopping:
    monitor: validation.accuracy
    patience: 5
    min_delta: 0.001
""",
    "sweep": """\
sweep:
  l1: 0,auto:9
  l2: [0, 0.001, 0.01]
  seeds: 2
  folds: 5
  repeats: 2
  vary:
    training.batch_size: [16, 32]
    training.optimizer.learning_rate: log:1e-4:1e-2:3
""",
    "verdict": """\
verdict:
  margin: 0.02                # two points of accuracy make no difference
""",
}
"""An example of each section, by its dotted key."""

GRIDS = """\
`sweep.l1`, `sweep.l2` and the values of numbers under `sweep.vary` are grids:
a number, or a list of numbers and ranges. Both ends of a range are included,
and a value that stands twice is refused.

| grid | values |
| --- | --- |
| `0,0.01` or `[0, 0.01]` | these two |
| `log:1e-4:1e-1:4` | 4 values with equal ratios: 0.0001, 0.001, 0.01, 0.1 |
| `lin:0:0.1:5` | 5 values with equal steps: 0, 0.025, 0.05, 0.075, 0.1 |
| `0,log:1e-4:1e-1:4` | 0 and the range |
| `0,auto:9` | for l1 alone: 0, and 9 values found from the data |
"""
