-- Which of these users were subscribed to a topic at an instant.
select distinct s.user
from json_each(?1) as j
cross join subscription as s on s.env = ?2 and s.topic = ?3 and s.user = j.value
where s.since <= ?4 and (s.until is null or s.until > ?4)
