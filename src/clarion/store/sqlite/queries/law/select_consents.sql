-- What users last said about some purposes.
with purposes as materialized (select value as purpose from json_each(?1))
select s.user, s.purpose, s.channel, s.granted
from json_each(?2) as j
cross join consent_state as s on s.env = ?3 and s.user = j.value
where s.purpose in (select purpose from purposes)
order by j.key, s.purpose, s.channel
