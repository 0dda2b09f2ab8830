-- These users look again at what comes behind a number.
update broadcast_marker set seq = ?3
where env = ?2 and user in (select value from json_each(?1)) and seq > ?3
