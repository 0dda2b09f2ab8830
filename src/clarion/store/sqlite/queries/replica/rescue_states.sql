update source_state set state = 0, worker = 0
where state = 1 and worker in (select value from json_each(?1))
