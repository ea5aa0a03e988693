"""What came out of training: records, sparsity measures, conditions on results, and the store."""
