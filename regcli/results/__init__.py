"""What came out of training: records, sparsity measures, statistics, conditions on results."""
