"""The Comparison: methods against images, layers or targets in one grid."""
