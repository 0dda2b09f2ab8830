delete from event_delta where id <= ?
