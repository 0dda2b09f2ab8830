update source_state set state = 0, worker = 0 where state = 1 and worker = any ($1::int8[])
