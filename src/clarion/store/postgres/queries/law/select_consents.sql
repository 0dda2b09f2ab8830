-- What users last said about some purposes.
select s."user", s.purpose, s.channel, s.granted
from unnest($2::int8[]) as j("user")
join consent_state as s on s.env = $3 and s."user" = j."user"
where s.purpose = any($1::int8[])
order by s."user", s.purpose, s.channel
