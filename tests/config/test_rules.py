"""Every rule of a config by its whole message."""

import pytest
from loading import Load, Problems

from regcli.config.load import load_config
from regcli.config.target_keys import TargetColumn
from regcli.errors import UsageError

LAYER_RULE = "must be one layer name with its arguments, like Dense: {units: 10}"
NAME_RULE = "must be 1 to 100 letters (a to z), digits, '_', '-' or '.'"
PART_RULE = "must be a name, or a mapping with a name and arguments"
MONITOR_RULE = (
    "must be train or validation, a dot, and one of data_loss, objective, accuracy, r2, mae, rmse"
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        # top level
        ("nam: x", "2:1: nam: unknown key; did you mean 'name'?"),
        ("zzz: x", "2:1: zzz: unknown key"),
        ("name: 5", "2:7: name: must be text, got 5"),
        ("name: ''", "2:7: name: must not be empty, got the text ''"),
        (
            "name: " + "x" * 81,
            "2:7: name: must have at most 80 characters, got the text '" + "x" * 59 + "…'",
        ),
        ("model: []", "2:8: model: must be a mapping, got an empty list"),
        ("sweep:", "2:7: sweep: must be a mapping, got nothing"),
        ("training: fast", "2:11: training: must be a mapping, got the text 'fast'"),
        # regularization
        (
            "regularization: {l1: -0.1}",
            "2:22: regularization.l1: must be at least 0, got -0.1",
        ),
        (
            "regularization: {l2: .inf}",
            "2:22: regularization.l2: must be a finite number, got inf",
        ),
        (
            "regularization: {l2: -.inf}",
            "2:22: regularization.l2: must be a finite number, got -inf",
        ),
        (
            "regularization: {l1: .nan}",
            "2:22: regularization.l1: must be a finite number, got nan",
        ),
        (
            "regularization: {l1: '1e-3'}",
            "2:22: regularization.l1: must be a number, got the text '1e-3'; remove the quotes",
        ),
        (
            "regularization: {l1: little}",
            "2:22: regularization.l1: must be a number, got the text 'little'",
        ),
        ("regularization: {l1: true}", "2:22: regularization.l1: must be a number, got true"),
        ("regularization: {l1: ~}", "2:22: regularization.l1: must be a number, got nothing"),
        ("regularization: {l1: [0]}", "2:22: regularization.l1: must be a number, got a list"),
        (
            "regularization: {L1: 0}",
            "2:18: regularization.L1: unknown key; did you mean 'l1'?",
        ),
        (
            "regularization: {method: proximl}",
            "2:26: regularization.method: must be 'penalty' or 'proximal', got the text 'proximl'; "
            "did you mean 'proximal'?",
        ),
        (
            "regularization: {layers: hiden}",
            "2:26: regularization.layers: there is no layer, kind or weight 'hiden'; "
            "did you mean 'hidden'?",
        ),
        (
            "regularization: {layers: [output, 1]}",
            "2:26: regularization.layers: must be all, hidden, or layers by name, pattern, kind or "
            "weight, got 1 in the list",
        ),
        (
            "regularization: {layers: 1}",
            "2:26: regularization.layers: must be all, hidden, or layers by name, pattern, kind or "
            "weight, got 1",
        ),
        (
            "regularization: {layers: [conv1]}",
            "2:27: regularization.layers.0: there is no layer, kind or weight 'conv1'; layers: "
            "output; kinds: Dense; weights: kernel, bias",
        ),
        # training
        ("training: {epochs: 0}", "2:20: training.epochs: must be at least 1, got 0"),
        ("training: {epochs: 1.5}", "2:20: training.epochs: must be a whole number, got 1.5"),
        (
            "training: {epochs: '5'}",
            "2:20: training.epochs: must be a whole number, got the text '5'; remove the quotes",
        ),
        ("training: {epochs: true}", "2:20: training.epochs: must be a whole number, got true"),
        ("training: {batch_size: -3}", "2:24: training.batch_size: must be at least 1, got -3"),
        (
            "training: {seed: 2147483648}",
            "2:18: training.seed: must be below 2,147,483,648, got 2147483648",
        ),
        (
            "training: {epoch: 1}",
            "2:12: training.epoch: unknown key; did you mean 'epochs'?",
        ),
        (
            "training: {early_stopping: {monitor: loss}}",
            f"2:38: training.early_stopping.monitor: {MONITOR_RULE}, got the text 'loss'; "
            "did you mean 'validation.data_loss'?",
        ),
        (
            "training: {early_stopping: {monitor: validation.mse}}",
            f"2:38: training.early_stopping.monitor: {MONITOR_RULE}, got the text "
            "'validation.mse'; did you mean 'validation.rmse'?",
        ),
        (
            "training: {early_stopping: {monitor: validation.log_loss}}",
            f"2:38: training.early_stopping.monitor: {MONITOR_RULE}, got the text "
            "'validation.log_loss'; log_loss is measured after training alone: write "
            "validation.data_loss, which is the same with the default loss",
        ),
        (
            "training: {early_stopping: {monitor: validation.auc}}",
            f"2:38: training.early_stopping.monitor: {MONITOR_RULE}, got the text "
            "'validation.auc'; roc_auc is measured after training alone: write "
            "validation.data_loss",
        ),
        (
            "training: {early_stopping: {patience: 0}}",
            "2:39: training.early_stopping.patience: must be at least 1, got 0",
        ),
        (
            "training: {early_stopping: {patients: 1}}",
            "2:29: training.early_stopping.patients: unknown key; did you mean 'patience'?",
        ),
        (
            "training: {early_stopping: true}",
            "2:28: training.early_stopping: must be a mapping, got true",
        ),
        # optimizer, schedule, loss
        (
            "training: {optimizer: adm}",
            "2:23: training.optimizer: there is no optimizer 'adm'; did you mean 'Adam'?",
        ),
        (
            "training: {optimizer: {name: sgdd}}",
            "2:30: training.optimizer.name: there is no optimizer 'sgdd'; did you mean 'SGD'?",
        ),
        (
            "training: {optimizer: newton}",
            "2:23: training.optimizer: there is no optimizer 'newton'; known: Adadelta, "
            "Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop, SGD, "
            "ScheduleFreeAdamW",
        ),
        ("training: {optimizer: 5}", f"2:23: training.optimizer: {PART_RULE}, got 5"),
        (
            "training: {optimizer: {name: 5}}",
            f"2:23: training.optimizer: {PART_RULE}, got the name 5",
        ),
        ("training: {optimizer: ~}", f"2:23: training.optimizer: {PART_RULE}, got nothing"),
        (
            "training: {optimizer: {learning_rat: 1}}",
            "2:24: training.optimizer.learning_rat: Adam has no argument 'learning_rat'; "
            "did you mean 'learning_rate'?",
        ),
        (
            "training: {optimizer: {learning_rate: '1e-3'}}",
            "2:39: training.optimizer.learning_rate: must be a number, got the text '1e-3'; "
            "remove the quotes",
        ),
        (
            "training: {optimizer: {clipnorm: much}}",
            "2:34: training.optimizer.clipnorm: must be a number, got the text 'much'",
        ),
        (
            "training: {optimizer: {learning_rate: [1]}}",
            "2:39: training.optimizer.learning_rate: must be a number or a learning-rate "
            "schedule, got a list",
        ),
        (
            "training: {optimizer: {learning_rate: .nan}}",
            "2:39: training.optimizer.learning_rate: must be a finite number, got nan",
        ),
        (
            "training: {optimizer: {learning_rate: {CosineDecy: {}}}}",
            "2:40: training.optimizer.learning_rate.CosineDecy: there is no learning-rate schedule "
            "'CosineDecy'; did you mean 'CosineDecay'?",
        ),
        (
            "training: {optimizer: {learning_rate: {ExponentialDecay: "
            "{initial_learning_rate: 1, decay_steps: 9}}}}",
            "2:40: training.optimizer.learning_rate.ExponentialDecay: ExponentialDecay needs the "
            "argument 'decay_rate'",
        ),
        (
            "training: {optimizer: {learning_rate: {a: 1, b: 2}}}",
            "2:39: training.optimizer.learning_rate: must be one learning-rate schedule with its "
            "arguments, got the keys a, b",
        ),
        (
            "training: {optimizer: {learning_rate: {CosineDecay: 5}}}",
            "2:53: training.optimizer.learning_rate.CosineDecay: arguments must be a mapping, "
            "got 5",
        ),
        (
            "training: {loss: mean_square_error}",
            "2:18: training.loss: there is no loss 'mean_square_error'; "
            "did you mean 'MeanSquaredError'?",
        ),
        (
            "training: {loss: {from_logits: true}}",
            f"2:18: training.loss: {PART_RULE}, got no name",
        ),
        (
            "training: {loss: {name: mse, from_logit: true}}",
            "2:30: training.loss.from_logit: MeanSquaredError has no argument 'from_logit'",
        ),
        (
            "training: {loss: {name: binary_crossentropy, from_logits: 1}}",
            "2:59: training.loss.from_logits: must be true or false, got 1",
        ),
        (
            "training: {start_from: 3fa9c1d2e0b4}",
            "2:12: training.start_from: unknown key; remove it: paths and refits set their "
            "initial weights automatically",
        ),
        ("training: {polish: -1}", "2:20: training.polish: must be at least 0, got -1"),
        # polish beside constraints
        *(
            (
                f"model: {{layers: [Flatten, {layer}]}}\ntraining: {{polish: 50}}\n"
                "regularization: {method: proximal}",
                f"3:20: training.polish: must be 0 or left out with model.layers.1.{where}, "
                "which polish steps would break; got 50",
            )
            for layer, where in {
                "Dense: {units: 3, kernel_constraint: {MaxNorm: {max_value: 2}}}": (
                    "Dense.kernel_constraint"
                ),
                "Dense: {units: 3, bias_constraint: non_neg}": "Dense.bias_constraint",
                "TimeDistributed: {layer: {Dense: {units: 3, kernel_constraint: unit_norm}}}": (
                    "TimeDistributed.layer.Dense.kernel_constraint"
                ),
            }.items()
        ),
        # polish beside a weight decay
        *(
            (
                f"training: {{polish: 50, optimizer: {optimizer}}}\n"
                "regularization: {method: proximal}",
                f"2:20: training.polish: must be 0 or left out with {what}, "
                "which polish steps would undo; got 50",
            )
            for optimizer, what in {
                "adamw": "the default weight_decay of AdamW",
                "{name: AdamW, learning_rate: 0.1}": "the default weight_decay of AdamW",
                "{weight_decay: 0.01}": "training.optimizer.weight_decay",
                "{name: sgd, weight_decay: 0.01}": "training.optimizer.weight_decay",
                "{name: muon, weight_decay: 0}": "the default adam_weight_decay of Muon",
            }.items()
        ),
        # groups
        (
            "regularization: {group: inputs}",
            "2:17: regularization: group requires group_strength; got group: inputs without "
            "group_strength",
        ),
        (
            "regularization: {group_strength: 0.1}",
            "2:17: regularization: group_strength requires group: inputs or group: units; got "
            "0.1 without group",
        ),
        (
            "regularization: {group: rows, group_strength: 0.1}",
            "2:25: regularization.group: must be 'inputs' or 'units', got the text 'rows'",
        ),
        (
            "regularization: {bias: {l3: 0.1}}",
            "2:25: regularization.bias.l3: unknown key",
        ),
        # sweep
        ("sweep: {l1: -1}", "2:13: sweep.l1: must be at least 0, got -1"),
        ("sweep: {l1: lin:1:-1:3}", "2:13: sweep.l1: must be at least 0, got -1"),
        ("sweep: {l1: '0,0'}", "2:13: sweep.l1: must not name a value twice, got 0 again"),
        (
            "sweep: {l2: few}",
            "2:13: sweep.l2: must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, "
            "got the text 'few'",
        ),
        ("sweep: {seeds: 0}", "2:16: sweep.seeds: must be at least 1, got 0"),
        ("sweep: {seeds: 10001}", "2:16: sweep.seeds: must be at most 10,000, got 10001"),
        ("sweep: {vary: [1]}", "2:15: sweep.vary: must be a mapping, got a list"),
        ("sweep: {varry: {}}", "2:9: sweep.varry: unknown key; did you mean 'vary'?"),
    ],
)
def test_one_line_that_breaks_a_rule(line: str, message: str, problems: Problems) -> None:
    assert problems(f"dataset: {{name: digits}}\n{line}\n") == [f"c.yaml:{message}"]


@pytest.mark.parametrize(
    ("method", "training", "constraint"),
    [
        ("proximal", "{}", "non_neg"),
        ("proximal", "{polish: 0}", "non_neg"),
        ("penalty", "{polish: 50}", "non_neg"),
        ("proximal", "{polish: 50}", "null"),
    ],
)
def test_constraints_that_no_polish_would_break(
    method: str, training: str, constraint: str, load: Load
) -> None:
    load(
        f"dataset: {{name: digits}}\nregularization: {{method: {method}}}\ntraining: {training}\n"
        f"model: {{layers: [Dense: {{units: 3, kernel_constraint: {constraint}}}]}}\n"
    )


@pytest.mark.parametrize(
    ("method", "training"),
    [
        ("proximal", "{optimizer: adamw}"),
        ("proximal", "{optimizer: adamw, polish: 0}"),
        ("proximal", "{optimizer: {name: adamw, weight_decay: 0}, polish: 50}"),
        ("proximal", "{optimizer: {name: sgd, weight_decay: null}, polish: 50}"),
        ("proximal", "{optimizer: adam, polish: 50}"),
        ("penalty", "{optimizer: adamw, polish: 50}"),
    ],
)
def test_weight_decays_that_no_polish_would_undo(method: str, training: str, load: Load) -> None:
    regularization = f"regularization: {{method: {method}}}"
    load(f"dataset: {{name: digits}}\n{regularization}\ntraining: {training}\n")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            "{name: digit}",
            "1:17: dataset.name: there is no data set 'digit'; did you mean 'digits'?",
        ),
        (
            "{name: cifar}",
            "1:17: dataset.name: there is no data set 'cifar'; known: boston_housing, "
            "breast_cancer, california_housing, covtype, diabetes, digits, fashion_mnist, "
            "friedman1, iris, mnist, mnist5k, olivetti_faces, row_sum, sparse_linear, wine",
        ),
        (
            "{name: digits, image_size: [8, 8]}",
            "1:10: dataset: image_size requires a folder of images; got name 'digits'",
        ),
        (
            "{file: a.csv, target: b, channels: grey}",
            "1:10: dataset: channels requires a folder of images; got file 'a.csv' with target 'b'",
        ),
        (
            "{file: a/, image_size: [8]}",
            "1:33: dataset.image_size: must be a height and a width, such as [32, 32], got a list",
        ),
        (
            "{file: a/, image_size: 8}",
            "1:33: dataset.image_size: must be a height and a width, such as [32, 32], got 8",
        ),
        (
            "{file: a/, image_size: [8, 0]}",
            "1:37: dataset.image_size.1: must be at least 1, got 0",
        ),
        (
            "{file: a/, channels: gray}",
            "1:31: dataset.channels: must be 'grey' or 'rgb', got the text 'gray'; did you mean "
            "'grey'?",
        ),
        (
            "{file: a/, groups: b}",
            "1:10: dataset: groups requires a file with columns, such as CSV or Parquet; got "
            "groups: b",
        ),
        (
            "{file: a/, noise_features: 3}",
            "1:10: dataset: noise_features requires another scale than pixels, got 3",
        ),
        ("digits", "1:10: dataset: must be a mapping, got the text 'digits'"),
        ("{}", "1:10: dataset: needs either name (a shipped data set) or file, got neither"),
        (
            "{name: digits, file: a.csv}",
            "1:10: dataset: needs either name (a shipped data set) or file, got both",
        ),
        (
            "{name: digits, target: y}",
            "1:10: dataset: target requires file (a shipped data set has its own target), got "
            "target 'y'",
        ),
        (
            "{file: a.csv}",
            "1:10: dataset: file requires target, the column to predict; got file 'a.csv' "
            "without target",
        ),
        (
            "{name: digits, test: 0.5, validation: 0.5}",
            "1:10: dataset: test + validation must be below 1 to leave rows to train on, "
            "got 0.5 + 0.5",
        ),
        ("{name: digits, test: 1}", "1:31: dataset.test: must be below 1, got 1"),
        ("{name: digits, test: -0.1}", "1:31: dataset.test: must be at least 0, got -0.1"),
        ("{name: digits, test: true}", "1:31: dataset.test: must be a number, got true"),
        (
            "{name: digits, scale: standrd}",
            "1:32: dataset.scale: must be 'none', 'standard', 'minmax', 'robust', 'quantile' or "
            "'pixels', got the text 'standrd'; did you mean 'standard'?",
        ),
        (
            "{name: digits, noise_features: 1.5}",
            "1:41: dataset.noise_features: must be a whole number, got 1.5",
        ),
        (
            "{name: digits, true_columns: [x_1]}",
            "1:10: dataset: true_columns requires file (the true columns of a shipped data set "
            "are known), got name 'digits'",
        ),
        (
            "{file: a.npz, true_columns: x_1}",
            "1:38: dataset.true_columns: must be a list, got the text 'x_1'",
        ),
        (
            "{name: digits, groups: site}",
            "1:10: dataset: groups requires a file with columns, such as CSV or Parquet; "
            "got groups: site",
        ),
        (
            "{file: a.npz, time: day}",
            "1:10: dataset: time requires a file with columns, such as CSV or Parquet; "
            "got time: day",
        ),
        (
            "{file: a.csv, target: y, groups: y}",
            "1:10: dataset: groups must not be the target, got y",
        ),
        (
            '{file: a.csv, target: "\u00e9", drop: ["e\u0301"]}',
            "1:10: dataset: drop must not be the target, got e\u0301",
        ),
        (
            "{file: a.csv, target: y, groups: site, drop: [site]}",
            "1:10: dataset: drop must not name groups, got site",
        ),
        (
            "{file: a.csv, target: y, groups: site, time: day}",
            "1:10: dataset: groups and time must not be combined; got groups: site, time: day",
        ),
        (
            "{name: digits, test: mine.csv}",
            "1:10: dataset: test must be a fraction for a shipped data set, got the file "
            "'mine.csv'",
        ),
        (
            "{name: digits, test: '0.2'}",
            "1:31: dataset.test: must be a number, got the text '0.2'; remove the quotes",
        ),
        ("{name: digits, fold: 1}", "1:31: dataset.fold: must be a mapping, got 1"),
        (
            "{name: digits, fold: {number: 1}}",
            "1:31: dataset.fold: needs the key 'of'",
        ),
        ("{name: digits, seed: -1}", "1:31: dataset.seed: must be at least 0, got -1"),
        (
            "{name: digits, tset: 0}",
            "1:25: dataset.tset: unknown key; did you mean 'test'?",
        ),
        (
            "{file: a.csv, target: y, groups: site, columns: [a, site]}",
            "1:10: dataset: columns must not name groups, got site",
        ),
        (
            "{file: a.csv, target: y, columns: [a], drop: [b]}",
            "1:10: dataset: columns and drop must not be combined",
        ),
        (
            "{file: a.csv, target: y, columns: []}",
            "1:10: dataset: columns must not be empty; remove it for the default",
        ),
        (
            "{file: a.csv, target: y, types: {y: number}}",
            "1:10: dataset: types must not be the target, got y",
        ),
        (
            "{file: a.csv, target: y, types: {a: text}}",
            "1:46: dataset.types.a: must be 'number', 'boolean', 'category' or 'date', got the "
            "text 'text'",
        ),
        (
            "{file: a.csv, target: y, types: {a: {ordinal: [S, M, S]}}}",
            "1:56: dataset.types.a.ordinal: an order must name each value once, got S more than "
            "once",
        ),
        (
            "{file: a.csv, target: y, types: {a: {ordinal: [S]}}}",
            "1:56: dataset.types.a.ordinal: an order must name at least 2 values",
        ),
        (
            "{file: a.csv, target: y, missing: {a: zero}}",
            "1:48: dataset.missing.a: must be 'error', 'drop', 'mean', 'median', 'most_frequent' "
            "or 'indicator', got the text 'zero'",
        ),
        (
            "{file: a.npz, missing: mean}",
            "1:10: dataset: missing requires a file with columns, such as CSV or Parquet",
        ),
        (
            "{file: a.csv, target: y, max_categories: 0}",
            "1:51: dataset.max_categories: must be at least 1, got 0",
        ),
        (
            "{file: a.csv, target: y, dates: [yaer]}",
            "1:43: dataset.dates.0: must be 'year', 'month', 'weekday' or 'elapsed', got the text "
            "'yaer'; did you mean 'year'?",
        ),
        (
            "{name: digits, task: clustering}",
            "1:31: dataset.task: must be 'classification' or 'regression', "
            "got the text 'clustering'",
        ),
    ],
)
def test_a_data_set_that_breaks_a_rule(dataset: str, message: str, problems: Problems) -> None:
    assert problems(f"dataset: {dataset}\n") == [f"c.yaml:{message}"]


def test_folds_that_the_data_does_not_allow(problems: Problems) -> None:
    """Rows of their own for validation leave nothing to fold, and time deals rows one way only."""
    file = "file: a.csv, target: y"
    assert problems(
        f"dataset: {{{file}, validation: v.csv, time: day}}\nsweep: {{folds: 3, repeats: 2}}\n"
    ) == [
        "c.yaml:1:47: dataset.validation: must be a fraction with folds, which take its place; "
        "got 'v.csv'",
        "c.yaml:2:28: sweep.repeats: must be 1 with dataset.time, which decides the folds; got 2",
    ]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("time: day", "must not be varied with dataset.time, which decides the split"),
        ("validation: v.csv", "must not be varied where the validation rows are those of a file"),
    ],
)
def test_seeds_that_deal_nothing_anew_are_no_splits(
    option: str, message: str, problems: Problems
) -> None:
    dataset = f"dataset: {{file: a.csv, target: y, {option}}}\n"
    text = f"{dataset}sweep: {{vary: {{dataset.seed: [0, 1]}}}}\n"
    assert problems(text) == [f"c.yaml:2:30: sweep.vary.dataset.seed: {message}"]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("dense: {units: 3}", "1:1: dense: there is no layer 'dense'; did you mean 'Dense'?"),
        ("Zzz: {}", "1:1: Zzz: there is no layer 'Zzz'"),
        ("Lambda: {function: x}", "1:1: Lambda: layers that run code are not allowed, got Lambda"),
        ("Dense: {}", "1:1: Dense: Dense needs the argument 'units'"),
        ("Dense:", "1:1: Dense: Dense needs the argument 'units'"),
        ("Dense: 5", f"0:0: {LAYER_RULE}, got 5 for Dense"),
        ("Dense: relu", f"0:0: {LAYER_RULE}, got the text 'relu' for Dense"),
        (
            "Activation: softmax",
            f"0:0: {LAYER_RULE}, got the text 'softmax' for Activation; "
            "write Activation: {activation: softmax}",
        ),
        (
            "Dense: {units: 3, unit: 3}",
            "1:19: Dense.unit: Dense has no argument 'unit'; did you mean 'units'?",
        ),
        (
            "Dense: {units: '3'}",
            "1:16: Dense.units: must be a whole number, got the text '3'; remove the quotes",
        ),
        ("Dense: {units: true}", "1:16: Dense.units: must be a whole number, got true"),
        (
            "Dense: {units: 3, use_bias: 1}",
            "1:29: Dense.use_bias: must be true or false, got 1",
        ),
        (
            "Dense: {units: 3, use_bias: [true]}",
            "1:29: Dense.use_bias: must be true or false, got a list",
        ),
        ("Dense: {units: 3, name: 5}", "1:25: Dense.name: must be text, got 5"),
        (
            "Dense: {units: 3, activation: rleu}",
            "1:31: Dense.activation: there is no activation 'rleu'; did you mean 'relu'?",
        ),
        (
            "Dense: {units: 3, kernel_constraint: MaxNrm}",
            "1:38: Dense.kernel_constraint: there is no constraint 'MaxNrm'; "
            "did you mean 'MaxNorm'?",
        ),
        (
            "Dense: {units: 3, kernel_constraint: {MaxNrm: {}}}",
            "1:39: Dense.kernel_constraint.MaxNrm: there is no constraint 'MaxNrm'; "
            "did you mean 'MaxNorm'?",
        ),
        (
            "Dense: {units: 3, kernel_constraint: {MaxNorm: {max_valu: 1}}}",
            "1:49: Dense.kernel_constraint.MaxNorm.max_valu: MaxNorm has no argument 'max_valu'; "
            "did you mean 'max_value'?",
        ),
        (
            "Dense: {units: 3, kernel_initializer: he_normall}",
            "1:39: Dense.kernel_initializer: there is no initializer 'he_normall'; "
            "did you mean 'HeNormal'?",
        ),
        (
            "Dense: {units: 3, bias_regularizer: l3}",
            "1:37: Dense.bias_regularizer: there is no regularizer 'l3'; known: L1, "
            "L1L2, L2, OrthogonalRegularizer",
        ),
        (
            "Dense: {units: 3, kernel_regularizer: l2}",
            "1:19: Dense.kernel_regularizer: kernels are regularized only through l1 and l2; "
            "write l1: and l2: instead",
        ),
        (
            "Dense: {units: 3, kernel_regularizer: {name: OrthogonalRegularizer, factor: 0.1}}",
            "1:39: Dense.kernel_regularizer: must be one regularizer with its arguments, "
            "got the keys name, factor",
        ),
        ("Dense: {units: 3, l1: -1}", "1:23: Dense.l1: must be at least 0, got -1"),
        ("Dense: {units: 3, l2: .inf}", "1:23: Dense.l2: must be a finite number, got inf"),
        (
            "Dense: {units: 3, l2: '0.1'}",
            "1:23: Dense.l2: must be a number, got the text '0.1'; remove the quotes",
        ),
        (
            "Dropout: {rate: 0.1, l2: 1}",
            "1:22: Dropout.l2: l2 requires a layer with a kernel, Dropout has none",
        ),
        ("Dropout: {rate: .nan}", "1:17: Dropout.rate: must be a finite number, got nan"),
        (
            "Reshape: {target_shape: [8, '8', true]}",
            "1:29: Reshape.target_shape.1: must be a whole number, got the text '8'; "
            "remove the quotes",
        ),
        (
            "TimeDistributed: {layer: {Dens: {units: 3}}}",
            "1:27: TimeDistributed.layer.Dens: there is no layer 'Dens'; did you mean 'Dense'?",
        ),
        (
            "TimeDistributed: {layer: {Dense: {units: 3, l2: 1}}}",
            "1:45: TimeDistributed.layer.Dense.l2: l2 must be set on the outer layer; got it on "
            "the inner Dense",
        ),
        (
            "TimeDistributed: {layer: 5}",
            "1:26: TimeDistributed.layer: must be one layer with its arguments, got 5",
        ),
        ("a: 1\n      b: 2", f"0:0: {LAYER_RULE}, got the keys a, b"),
    ],
)
def test_a_layer_that_breaks_a_rule(layer: str, message: str, problems: Problems) -> None:
    """Places are counted from the layer; `0:0` is the layer itself."""
    found = problems(f"dataset: {{name: digits}}\nmodel:\n  layers:\n    - {layer}\n")
    place, key_and_rule = message.split(": ", 1)
    row, column = (int(part) for part in place.split(":"))
    at_layer = (row, column) == (0, 0)
    where = "c.yaml:4:7" if at_layer else f"c.yaml:{row + 3}:{column + 6}"
    path = "model.layers.0: " if at_layer else "model.layers.0."
    assert found[0] == f"{where}: {path}{key_and_rule}"
    assert len(found) == (2 if "'8', true]" in layer else 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("{Dense: {units: 3}}", "2:17: model.layers: must be a list, got a mapping"),
        ("[5]", f"2:18: model.layers.0: {LAYER_RULE}, got 5"),
        ("[{}]", f"2:18: model.layers.0: {LAYER_RULE}, got an empty mapping"),
        ("[[Flatten]]", f"2:18: model.layers.0: {LAYER_RULE}, got a list"),
        ("[Dense]", "2:18: model.layers.0: Dense needs the argument 'units'"),
        ("[Flaten]", "2:18: model.layers.0: there is no layer 'Flaten'; did you mean 'Flatten'?"),
        ("[Lambda]", "2:18: model.layers.0: layers that run code are not allowed, got Lambda"),
        (
            "[Flatten: {name: a}, Flatten: {name: a}]",
            "2:54: model.layers.1.Flatten.name: layer names must differ, got 'a' again",
        ),
        *(
            (
                f"[{layer.format(written)}]",
                f"2:{column}: model.layers.0.{path}name: {NAME_RULE}, got {got}",
            )
            for written, got in [
                ("my layer", "the text 'my layer'"),
                ("a/b", "the text 'a/b'"),
                ("größe", "the text 'größe'"),
                ("a:b", "the text 'a:b'"),
                ("''", "the text ''"),
                ("x" * 101, f"the text '{'x' * 59}…'"),
            ]
            for layer, column, path in [
                ("Flatten: {{name: {}}}", 34, "Flatten."),
                (
                    "TimeDistributed: {{layer: {{Flatten: {{name: {}}}}}}}",
                    60,
                    "TimeDistributed.layer.Flatten.",
                ),
            ]
        ),
    ],
)
def test_a_stack_that_breaks_a_rule(layers: str, message: str, problems: Problems) -> None:
    text = f"dataset: {{name: digits}}\nmodel: {{layers: {layers}}}\n"
    assert problems(text) == [f"c.yaml:{message}"]


@pytest.mark.parametrize(
    "layer",
    [
        "Flatten",
        "Flatten:",
        "Dense: {units: 3, activation: ~, l1: 0, l2: 0.1, name: '1'}",
        "Dense: {units: 3, kernel_constraint: {MaxNorm: {max_value: 2}}, name: 1e-3x}",
        "Dense: {units: 3, kernel_constraint: max_norm, kernel_initializer: he_normal}",
        "Dense: {units: 3, bias_regularizer: {L1L2: {l1: 0.1}}, kernel_regularizer: ~}",
        "Conv1D: {filters: 2, kernel_size: [3], strides: [1], l2: 0.1}",
        "LayerNormalization: {axis: [1, 2]}",
        "ZeroPadding1D: {padding: [1, 2]}",
        "TimeDistributed: {layer: {Dense: {units: 3}}, l2: 0.1}",
        "Bidirectional: {layer: {LSTM: {units: 3}}}",
        "ActivityRegularization: {l1: 0.1}",
    ],
)
def test_layers_that_keep_the_rules(layer: str, load: Load) -> None:
    text = f"dataset: {{name: digits}}\nmodel: {{layers: [{{{layer}}}]}}\n"
    if ":" not in layer:
        text = text.replace("{Flatten}", "Flatten")
    assert len(load(text).config.model.layers) == 1


def test_a_layers_own_strengths_are_not_arguments(load: Load) -> None:
    layers = "[{Dense: {units: 3, l1: 0.1}}, {ActivityRegularization: {l1: 0.2}}]"
    text = f"dataset: {{name: digits}}\nmodel: {{layers: {layers}}}\n"
    dense, activity = load(text).config.model.layers
    assert (dense.l1, dense.l2, dense.arguments) == (0.1, None, {"units": 3})
    assert (activity.l1, activity.arguments) == (None, {"l1": 0.2})


STACK = (
    "dataset: {name: digits}\n"
    "model: {layers: [{Dense: {units: 9}}, {Dropout: {rate: 0.1}}, "
    "{Dense: {units: 9, name: top}}, {Dense: {units: 10}}]}\n"
)


@pytest.mark.parametrize("names", [[], ["dense"], ["dense", "top", "dense_1"], ["output"]])
def test_names_of_layers_that_are_there(names: list[str], load: Load) -> None:
    text = STACK + f"regularization: {{layers: [{', '.join(names)}]}}\n"
    assert load(text).config.regularization.layers == tuple(names)


def test_names_of_layers_that_are_not_there(problems: Problems) -> None:
    assert problems(STACK + "regularization: {layers: [dense, dense_2, zzz, dropout]}\n") == [
        "c.yaml:3:34: regularization.layers.1: there is no layer, kind or weight 'dense_2'; "
        "did you mean 'dense_1'?",
        "c.yaml:3:43: regularization.layers.2: there is no layer, kind or weight 'zzz'; layers: "
        "dense, dropout, top, dense_1, output; kinds: Dense, Dropout; weights: kernel, bias",
        "c.yaml:3:48: regularization.layers.3: must be a layer with a kernel, got 'dropout', "
        "which is Dropout",
    ]


def test_the_implied_output_makes_room_for_a_layer_of_its_name(
    load: Load, problems: Problems
) -> None:
    text = (
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 9, name: output}}]}\n"
        "regularization: {layers: [output_1]}\n"
    )
    assert load(text).config.regularization.layers == ("output_1",)
    assert problems(text.replace("output_1", "output_2")) == [
        "c.yaml:3:27: regularization.layers.0: there is no layer, kind or weight 'output_2'; "
        "did you mean 'output_1'?"
    ]


def test_a_problem_of_the_layers_leaves_their_names_aside(problems: Problems) -> None:
    text = (
        "dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 9, l1: -1}}]}\n"
        "regularization: {layers: [zzz]}\n"
    )
    assert problems(text) == ["c.yaml:2:41: model.layers.0.Dense.l1: must be at least 0, got -1"]


@pytest.mark.parametrize("early", ["{}", "{monitor: validation.data_loss}"])
def test_stopping_early_needs_validation_rows(early: str, problems: Problems) -> None:
    text = f"dataset: {{name: digits, validation: 0}}\ntraining: {{early_stopping: {early}}}\n"
    column = 38 if "monitor" in early else 28
    assert problems(text) == [
        f"c.yaml:2:{column}: training.early_stopping.monitor: requires validation rows; got "
        "'validation.data_loss' with dataset.validation: 0"
    ]


def test_stopping_early_on_training_rows_needs_none(load: Load) -> None:
    text = (
        "dataset: {name: digits, validation: 0}\n"
        "training: {early_stopping: {monitor: train.accuracy}}\n"
    )
    early = load(text).config.training.early_stopping
    assert early is not None
    assert early.monitor == "train.accuracy"


def test_a_section_without_its_data_set(problems: Problems) -> None:
    assert problems("name: x\n") == ["c.yaml:1:1: needs the key 'dataset'"]


def test_no_such_config() -> None:
    with pytest.raises(UsageError) as caught:
        load_config("quickstrat")
    assert str(caught.value) == (
        "quickstrat: there is no such file and no shipped config of this name; did you mean "
        "'quickstart'? (shipped: breast-cancer, diabetes, digits-cnn, logistic, penguins, "
        "quickstart, seed, smoke, wine)"
    )


BAD_FILE = """\
name: ""
dataset:
  name: digitz
  test: 0.6
  validation: '0.2'
  scal: standard
model:
  layers:
    - Dense: {unit: 128, activation: rleu}
    - Dropout: {rate: true}
    - Lambda: {function: "x: x"}
    - Conv2D: {filters: 16, kernel_size: 3, kernel_regularizer: l2}
    - Dense: {units: 10, l1: -0.1, l2: .nan}
    - Dense: {units: 10}
      l2: 0.1
regularization:
  l1: -1e-3
  l1: 0
  layers: hiden
training:
  optimizer: {name: adm}
  loss: crossentropi
  epochs: 1e-2
  early_stoping: {}
sweep:
  l1: 0,1e-3,0
  l2: log:0:1:5
  seeds: yes
"""

REPORT = """\
c.yaml:1:7: name: must not be empty, got the text ''
c.yaml:3:9: dataset.name: there is no data set 'digitz'; did you mean 'digits'?
c.yaml:5:15: dataset.validation: must be a number, got the text '0.2'; remove the quotes
c.yaml:6:3: dataset.scal: unknown key; did you mean 'scale'?
c.yaml:9:7: model.layers.0.Dense: Dense needs the argument 'units'
c.yaml:9:15: model.layers.0.Dense.unit: Dense has no argument 'unit'; did you mean 'units'?
c.yaml:9:38: model.layers.0.Dense.activation: there is no activation 'rleu'; did you mean 'relu'?
c.yaml:10:23: model.layers.1.Dropout.rate: must be a number, got true
c.yaml:11:7: model.layers.2.Lambda: layers that run code are not allowed, got Lambda
c.yaml:12:45: model.layers.3.Conv2D.kernel_regularizer: kernels are regularized only through \
l1 and l2; write l1: and l2: instead
c.yaml:13:30: model.layers.4.Dense.l1: must be at least 0, got -0.1
c.yaml:13:40: model.layers.4.Dense.l2: must be a finite number, got nan
c.yaml:14:7: model.layers.5: must be one layer name with its arguments, like Dense: {units: 10}, \
got the keys Dense, l2
c.yaml:18:3: regularization.l1: must not be given twice; it is first given on line 17
c.yaml:21:21: training.optimizer.name: there is no optimizer 'adm'; did you mean 'Adam'?
c.yaml:22:9: training.loss: there is no loss 'crossentropi'; did you mean 'BinaryCrossentropy'?
c.yaml:23:11: training.epochs: must be a whole number, got 0.01
c.yaml:24:3: training.early_stoping: unknown key; did you mean 'early_stopping'?
c.yaml:26:7: sweep.l1: must not name a value twice, got 0 again
c.yaml:27:7: sweep.l2: a log range needs ends above 0; to include 0, write it before the range, \
like 0,log:1e-5:1e-1:9, got the text 'log:0:1:5'
c.yaml:28:10: sweep.seeds: must be a whole number, got the text 'yes'
"""


def test_a_file_of_many_mistakes_is_reported_whole(problems: Problems) -> None:
    assert "\n".join(problems(BAD_FILE)) + "\n" == REPORT


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            "{file: a.csv, target: {column: y, logs: true}}",
            "1:44: dataset.target.logs: unknown key; did you mean 'log'?",
        ),
        (
            "{file: a.csv, target: {column: y, scale: minmax}}",
            "1:51: dataset.target.scale: must be 'none' or 'standard', got the text 'minmax'",
        ),
        ("{file: a.csv, target: 5}", "1:32: dataset.target: must be text, got 5"),
        (
            "{file: a.csv, target: {log: true}}",
            "1:10: dataset: file requires target, the column to predict; got file 'a.csv' without "
            "target",
        ),
        (
            "{name: diabetes, target: {column: y}}",
            "1:10: dataset: target requires file (a shipped data set has its own target), got "
            "target 'y'",
        ),
        (
            "{file: a.csv, target: {column: y}, weights: y}",
            "1:10: dataset: weights must not be the target, got y",
        ),
        (
            "{file: a.csv, target: y, weights: w, drop: [w]}",
            "1:10: dataset: drop must not name weights, got w",
        ),
        (
            "{file: a.csv, target: y, weights: site, groups: site}",
            "1:10: dataset: weights must not be the column of groups, got site",
        ),
        (
            "{file: a.csv, target: y, weights: day, time: day}",
            "1:10: dataset: weights must not be the column of time, got day",
        ),
        (
            "{name: diabetes, weights: w}",
            "1:10: dataset: weights requires a file with columns, such as CSV or Parquet; "
            "got weights: w",
        ),
    ],
)
def test_targets_and_weights(dataset: str, message: str, problems: Problems) -> None:
    assert problems(f"dataset: {dataset}\n") == [f"c.yaml:{message}"]


def test_an_option_makes_a_mapping_of_a_target(load: Load) -> None:
    option = (("dataset", "target", "log"), "--set dataset.target.log=true", True)
    loaded = load("dataset: {file: a.csv, target: y}\n", [option])
    assert loaded.config.dataset.target == TargetColumn(column="y", log=True)
