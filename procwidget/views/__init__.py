"""What shows samples: the widgets, their browser half in `js/`, and what travels between the two."""
