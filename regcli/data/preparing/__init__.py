"""What becomes of columns before they are trained on, fitted on the training rows alone."""
