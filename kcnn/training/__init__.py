"""Fitting a Keras model under a tf.distribute strategy, killed and resumed without changing the result."""
