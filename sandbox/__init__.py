"""A local Telegram for the demo, the tests and the benchmarks. Runs as its own process."""
