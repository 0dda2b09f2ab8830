-- Rows of (env, digest): how many items of what it gathered there are, were seen, were read.
select d.digest, count(i.seq), count(i.seen_at), count(i.read_at)
from unnest($1::int8[], $2::text[]) as j(env, digest)
join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
join item as i
    on i.env = e.env and i.event = e.event and i.workflow = d.workflow and i."user" = d."user"
group by d.env, d.digest
