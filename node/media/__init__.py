"""Files that people add: taken in only after everything hidden in them is gone."""
