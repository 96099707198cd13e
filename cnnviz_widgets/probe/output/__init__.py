"""What a network's output is: how its last steps make it, where its logits are, and what task it answers."""
