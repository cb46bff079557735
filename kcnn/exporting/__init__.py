"""Writing a trained model for others: the SavedModel with its preprocessing inside, proved before it is published."""
