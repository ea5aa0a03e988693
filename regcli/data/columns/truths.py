"""How yes and no are written, folded to lower case."""

TRUTH_PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"))
"""What stands for true, and for false beside it."""

WRITTEN_OUT = {"true": True, "false": False}
"""What is a truth by itself, without a word of the config."""

TRUTHS = {
    word: truth
    for pair in (*TRUTH_PAIRS, ("1", "0"), ("1.0", "0.0"))
    for word, truth in zip(pair, (True, False), strict=True)
}
"""What is a truth where the config says that a column holds them."""
