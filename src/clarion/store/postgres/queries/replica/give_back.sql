update source_state set state = 0, worker = 0, crashes = crashes - 1 where state = 1 and worker = $1
