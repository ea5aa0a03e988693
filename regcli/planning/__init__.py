"""From a config to its runs: which there are, what they are called, and what comes first.

`Config → Member → Run → RunGraph → Batch`: a member is a setting with a seed, a run is a member on
its data with the id that both make, a graph says which runs start from which, and a batch is what
one trainer takes together. All of it is plain, frozen data; nothing here loads TensorFlow.
"""
