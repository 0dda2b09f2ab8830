select
    g.digest, g.step,
    (select count(*) from digest_entry as e where e.env = g.env and e.digest = g.digest)
from unnest($1::text[]) as j(digest)
join digest as g on g.env = $2 and g.digest = decode(j.digest, 'hex')
