"""Others who do the work of the bench `push` beside us."""
