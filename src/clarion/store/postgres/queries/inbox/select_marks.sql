select i.seq, i.seen_at, i.read_at, i.archived_at, i.counted, i.snoozed_until, i.interacted_at, i.chosen
from unnest($1::int8[]) as j(seq)
join item as i on i.env = $2 and i."user" = $3 and i.tenant = $4 and i.seq = j.seq
order by i.seq
for no key update of i
