insert into subscription (env, topic, "user", since)
select $1::int8, $2::int8, j."user", $3::int8
from unnest($4::int8[]) as j("user")
where not exists (
    select 1 from subscription as s
    where s.env = $1 and s.topic = $2 and s."user" = j."user" and s.until is null
)
order by j."user"
on conflict (env, topic, "user", since) do update set until = null
