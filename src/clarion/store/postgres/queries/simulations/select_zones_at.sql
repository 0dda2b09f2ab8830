-- Rows of (user, version): the zone then, and whether the user was erased since.
select
    u."user", j.version,
    (
        select h.zone from user_history as h
        where h.env = u.env and h."user" = u."user" and h.version <= j.version
        order by h.version desc
        limit 1
    ),
    (u.erased_at is not null)::int
from unnest($1::int8[], $2::int8[]) as j("user", version)
join "user" as u on u.env = $3 and u."user" = j."user"
