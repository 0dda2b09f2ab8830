-- What the former settings of a user held back is decided again now.
update waiting indexed by waiting_by_user set due = ?3
where env = ?1 and user = ?2 and due > ?3 and (gates like '%quiet%' or gates like '%pause%')
