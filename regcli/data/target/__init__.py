"""What is to be predicted: its task, its classes, and the scale that it is learnt on."""
