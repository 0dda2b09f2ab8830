-- Rows of (channel, keyed hash).
select s.suppression, s.channel, s.keyed_hash, s.reason, s.at, s.until
from unnest($1::int8[], $2::text[]) as j(channel, hash)
join suppression as s
    on s.env = $3 and s.channel = j.channel and s.keyed_hash = decode(j.hash, 'hex')
