-- Rows of (user, version): the zone then, and whether the user was erased since.
select
    u.user, j.value ->> 1,
    (
        select h.zone from user_history as h
        where h.env = u.env and h.user = u.user and h.version <= j.value ->> 1
        order by h.version desc
        limit 1
    ),
    u.erased_at is not null
from json_each(?) as j
cross join user as u on u.env = ? and u.user = j.value ->> 0
