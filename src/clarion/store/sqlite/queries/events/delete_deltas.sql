delete from event_delta where id in (select value from json_each(?))
