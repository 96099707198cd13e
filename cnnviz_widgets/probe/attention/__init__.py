"""Attention: which layers have it, and the weights with which each token reads from each other."""
