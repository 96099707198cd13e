"""From a Keras model to one flat graph of steps, and what can be read from the graph alone."""
