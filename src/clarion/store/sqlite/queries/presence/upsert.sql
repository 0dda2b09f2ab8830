-- Of several desktops the longest counts. Who was erased is not written.
insert into presence (env, user, until)
select j.value ->> 0, j.value ->> 1, j.value ->> 2
from json_each(?1) as j
cross join user as u on u.env = j.value ->> 0 and u.user = j.value ->> 1
where u.erased_at is null
on conflict (env, user) do update set until = max(presence.until, excluded.until)
returning env, user, until
