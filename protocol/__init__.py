"""The written protocol as code: pure functions and values, no clock, no I/O."""
