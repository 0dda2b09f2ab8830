-- A newer version came while an older one was in hand: it waits from when it came.
update source_state set state = 0, worker = 0, crashes = 0, since = accepted_at
where env = ?1 and entity in (select unhex(value) from json_each(?2))
