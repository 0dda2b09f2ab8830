-- Rows of (number, channel, keyed hash, reason, until). Of two the one that lasts longer holds.
insert into suppression (env, suppression, channel, keyed_hash, reason, at, until)
select $1::int8, j.suppression, j.channel, decode(j.hash, 'hex'), j.reason, $2::int8, j.until
from
    unnest($3::int8[], $4::int8[], $5::text[], $6::text[], $7::int8[])
        as j(suppression, channel, hash, reason, until)
on conflict (env, channel, keyed_hash) do update set reason = excluded.reason, until = excluded.until
where suppression.until is not null
    and (excluded.until is null or excluded.until > suppression.until)
