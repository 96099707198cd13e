"""What every widget is made of: its state, its shell, what it says, and the pieces that it is put together from."""
