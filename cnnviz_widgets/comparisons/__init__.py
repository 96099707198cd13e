"""Methods, layers or targets compared on pictures: what is to be compared, the comparison, and its result."""
