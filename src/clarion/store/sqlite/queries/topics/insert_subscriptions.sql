insert into subscription (env, topic, user, since)
select ?1, ?2, j.value, ?3
from json_each(?4) as j
where not exists (
    select 1 from subscription as s
    where s.env = ?1 and s.topic = ?2 and s.user = j.value and s.until is null
)
on conflict (env, topic, user, since) do update set until = null
