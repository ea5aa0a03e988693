"""Groups of strengths in a config, checked before Keras is loaded."""

import pytest
from loading import Load, Problems

from regcli.planning.identity import run_id
from regcli.planning.members import plan_sweep
from regcli.planning.populations import population_key

MODEL = (
    "dataset: {name: digits}\n"
    "model: {layers: [{Dense: {units: 9}}, BatchNormalization, {Dense: {units: 9, name: top}}]}\n"
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "groups: [{layers: den*, l1: 1}, {layers: dense, l2: 1}]",
            "3:59: regularization.groups.1.layers: groups must not overlap, got dense/kernel, "
            "which is in group 0 too",
        ),
        (
            "groups: [{layers: den*}]",
            "3:27: regularization.groups.0: a group must have l1 or l2; got neither",
        ),
        (
            "groups: [{layers: [top, gama], l1: 1}]",
            "3:42: regularization.groups.0.layers.1: there is no layer, kind or weight 'gama'; "
            "did you mean 'gamma'?",
        ),
        (
            "groups: [{layers: top, l1: -1}]",
            "3:45: regularization.groups.0.l1: must be at least 0, got -1",
        ),
        ("groups: [{l1: 1}]", "3:27: regularization.groups.0: needs the key 'layers'"),
        (
            "layers: conv*",
            "3:26: regularization.layers: 'conv*' matches no layer, kind or weight; layers: dense, "
            "batch_normalization, top, output; kinds: Dense, BatchNormalization; weights: kernel, "
            "bias, gamma, beta",
        ),
        (
            "existing: keeps",
            "3:28: regularization.existing: must be 'add', 'replace', 'keep' or 'error', got the "
            "text 'keeps'; did you mean 'keep'?",
        ),
    ],
)
def test_groups_that_break_a_rule(line: str, message: str, problems: Problems) -> None:
    assert problems(f"{MODEL}regularization: {{{line}}}\n") == [f"c.yaml:{message}"]


def test_members_that_differ_in_strengths_of_groups_share_a_population(load: Load) -> None:
    text = (
        f"{MODEL}regularization: {{groups: [{{layers: den*}}, {{layers: [gamma, top], l2: 1}}]}}\n"
        "sweep: {vary: {regularization.groups.0.l1: '0,log:1e-3:1e-1:3', "
        "regularization.groups.1.l2: '1,2'}}\n"
    )
    members = plan_sweep(load(text)).members
    assert len(members) == 8
    assert len({population_key(member.config) for member in members}) == 1
    assert len({run_id(member.config, "rows") for member in members}) == 8
    assert members[-1].settings["regularization.groups.0.l1"] == pytest.approx(0.1)
    assert members[-1].settings["regularization.groups.1.layers"] == "gamma, top"


def test_the_order_of_groups_makes_no_other_run(load: Load) -> None:
    one, other = "{layers: dense, l1: 0.1}", "{layers: [top, gamma], l2: 0.2}"
    texts = [f"[{one}, {other}]", f"[{other.replace('top, gamma', 'gamma, top')}, {one}]"]
    configs = [load(f"{MODEL}regularization: {{groups: {text}}}\n").config for text in texts]
    assert len({run_id(config, "rows") for config in configs}) == 1
