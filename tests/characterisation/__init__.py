"""What must not move when the house is rebuilt.

Golden files hold what today's version plans, shows and stores. A test compares each of them with
what the code does now. Where a change is wanted, look at the difference and write them anew:

    python -m tests.characterisation ids        # or plans, screens, documents; several are fine

and say in the commit why they changed. `ids` has a file of its own, because ids may change where
everything else stays. `store/` and `checkpoint/` are never written anew: they are what an earlier
version left on disk.
"""
