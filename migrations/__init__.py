"""Schema of the hub's database, step by step, forwards only."""
