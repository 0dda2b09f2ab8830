update subscription set until = ?1
where env = ?3 and topic = ?4 and user in (select value from json_each(?2)) and until is null
