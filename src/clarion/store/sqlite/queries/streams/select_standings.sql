-- Rows of (env, user, tenant): whether the user is there, the counters, and how far the broadcasts are decided.
select
    j.value ->> 0, j.value ->> 1, j.value ->> 2, u.user is not null and u.erased_at is null,
    coalesce(c.seq, 0), coalesce(c.total, 0), coalesce(c.unread, 0), coalesce(c.unseen, 0),
    coalesce(m.seq, 0) < coalesce(b.last, 0)
from json_each(?) as j
left join user as u on u.env = j.value ->> 0 and u.user = j.value ->> 1
left join inbox_counter as c
    on c.env = j.value ->> 0 and c.user = j.value ->> 1 and c.tenant = j.value ->> 2
left join broadcast_marker as m
    on m.env = j.value ->> 0 and m.user = j.value ->> 1 and m.tenant = j.value ->> 2
left join broadcast_sequence as b on b.env = j.value ->> 0
