select user from user
where env = ?1 and user > ?2 and user <= ?3 and erased_at is null
    and user not in (select value from json_each(?5))
order by user
limit ?4
