"""What can be told of a case alone: what a change changed, and which legal dates run.

Pure: the day is an argument, and nothing is looked up.
"""
