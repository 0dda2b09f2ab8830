-- What waits for these events is decided again now.
update waiting set due = ?3
where env = ?1 and kind = 1 and due > ?3 and event in (select unhex(value) from json_each(?2))
