select user from subscription
where env = ?1 and topic = ?2 and user > ?3 and user <= ?4 and until is null
    and user not in (select value from json_each(?6))
order by user
limit ?5
