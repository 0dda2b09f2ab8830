select env, lower(hex(entity)), crashes from source_state where state = 0 order by since limit ?
