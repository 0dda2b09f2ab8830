-- How many of some users are members of a broadcast and have a number that is counted.
select count(*)
from json_each(?1) as j
cross join subscription as s
    on s.env = ?2 and s.topic = ?3 and s.user = j.value and s.since <= ?4
where s.user <= ?5 and (s.until is null or s.until > ?4)
    and s.user not in (select value from json_each(?6))
