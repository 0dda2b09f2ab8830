select user from event_recipient
where env = ?1 and event = ?2 and user > ?3 and user <= ?4
    and user not in (select value from json_each(?6))
order by user
limit ?5
