delete from event_payload where env = ?1 and event in (select unhex(value) from json_each(?2))
