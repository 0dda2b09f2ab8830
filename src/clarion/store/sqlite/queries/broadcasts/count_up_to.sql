-- Members with a number up to another.
select count(*) from subscription as s
where s.env = ?1 and s.topic = ?2 and s.user <= ?4 and s.since <= ?3
    and (s.until is null or s.until > ?3)
    and s.user not in (select value from json_each(?5))
