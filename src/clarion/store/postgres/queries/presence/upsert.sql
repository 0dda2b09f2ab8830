-- Of several desktops the longest counts. Who was erased is not written.
insert into presence (env, "user", until)
select j.env, j."user", j.until
from unnest($1::int8[], $2::int8[], $3::int8[]) as j(env, "user", until)
join "user" as u on u.env = j.env and u."user" = j."user"
where u.erased_at is null
order by j.env, j."user"
on conflict (env, "user") do update set until = greatest(presence.until, excluded.until)
returning env, "user", until
