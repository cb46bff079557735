"""What a model's answers are worth: arrays in, numbers out, every example counted once."""
