select kind, state, count(*), min(since) from source_state group by kind, state
