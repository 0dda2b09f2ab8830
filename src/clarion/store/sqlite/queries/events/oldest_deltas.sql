select id from event_delta order by id limit ?
