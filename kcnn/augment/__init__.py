"""Augmentation of training images: the recipe's transforms as a function of a batch and a seed."""
