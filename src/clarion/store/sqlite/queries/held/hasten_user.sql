-- What waits for a user is decided again now.
update waiting indexed by waiting_by_user set due = ?3
where env = ?1 and user = ?2 and due > ?3
