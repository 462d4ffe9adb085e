"""Reading what people typed: plain functions, one sentence for each thing that cannot be read."""
