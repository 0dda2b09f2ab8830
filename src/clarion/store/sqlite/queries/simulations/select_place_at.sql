-- Whether a topic had more subscribers than so many (the offset) at an instant.
select 1 from subscription
where env = ?1 and topic = ?2 and since <= ?4 and (until is null or until > ?4)
limit 1 offset ?3
