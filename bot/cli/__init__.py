"""The command line: one module for each thing that an operator does from a shell."""
