"""The statistics of comparison: arrays in, numbers out."""
