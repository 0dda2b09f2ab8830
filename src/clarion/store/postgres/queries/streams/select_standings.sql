-- Rows of (env, user, tenant): whether the user is there, the counters, and how far the broadcasts are decided.
select
    j.env, j."user", j.tenant,
    case when u."user" is not null and u.erased_at is null then 1 else 0 end,
    coalesce(c.seq, 0), coalesce(c.total, 0), coalesce(c.unread, 0), coalesce(c.unseen, 0),
    case when coalesce(m.seq, 0) < coalesce(b.last, 0) then 1 else 0 end
from unnest($1::int8[], $2::int8[], $3::int8[]) as j(env, "user", tenant)
left join "user" as u on u.env = j.env and u."user" = j."user"
left join inbox_counter as c on c.env = j.env and c."user" = j."user" and c.tenant = j.tenant
left join broadcast_marker as m on m.env = j.env and m."user" = j."user" and m.tenant = j.tenant
left join broadcast_sequence as b on b.env = j.env
