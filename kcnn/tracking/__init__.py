"""The record of a run: written down on disk first, delivered to MLflow second."""
