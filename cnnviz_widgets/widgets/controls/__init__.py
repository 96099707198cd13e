"""Controls that several widgets share: forms, colours, and pickers for targets, layers and channels."""
