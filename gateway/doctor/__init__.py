"""What is wrong with a gate's machine and what a person does about it, without the gate at work."""
