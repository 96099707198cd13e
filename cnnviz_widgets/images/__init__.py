"""Pictures: where they come from, what an array must be to count as one, and the value that holds one."""
