select seq, seen_at, read_at, archived_at, counted
from item
where env = $1 and "user" = $2 and tenant = $3 and seq > $4 and seq <= $5
    and archived_at is null and (expires_at is null or expires_at > $6)
    and case $7::text when 'seen' then seen_at is null when 'read' then read_at is null else true end
order by seq
limit $8
for no key update
