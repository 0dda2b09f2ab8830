select e.digest, e.event
from unnest($1::text[], $2::text[]) as j(digest, event)
join digest_entry as e
    on e.env = $3 and e.digest = decode(j.digest, 'hex') and e.event = decode(j.event, 'hex')
