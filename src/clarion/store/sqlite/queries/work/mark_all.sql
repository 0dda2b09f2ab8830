-- As of a topic.
select user from user
where env = ?1 and user > ?2 and user <= ?3
order by user
limit 1 offset ?4
