-- Found along both indexes, then locked in the order of their numbers.
select seq, seen_at, read_at, archived_at, counted, coalesce(place, seq), snoozed_until, interacted_at, chosen
from item
where env = $1 and "user" = $2 and tenant = $3
    and seq = any (
        array(
            select found.seq from (
                (
                    select seq, seq as place from item
                    where env = $1 and "user" = $2 and tenant = $3 and seq > $4 and seq <= $5
                        and place is null and archived_at is null and snoozed_until is null
                        and (expires_at is null or expires_at > $6)
                        and case $7::text
                            when 'seen' then seen_at is null when 'read' then read_at is null else true
                        end
                        and ($9::int8 = 0 or workflow = any ($10::int8[]))
                    order by seq
                    limit $8
                )
                union all
                (
                    select seq, place from item
                    where env = $1 and "user" = $2 and tenant = $3 and place > $4 and place <= $5
                        and archived_at is null and snoozed_until is null and (expires_at is null or expires_at > $6)
                        and case $7::text
                            when 'seen' then seen_at is null when 'read' then read_at is null else true
                        end
                        and ($9::int8 = 0 or workflow = any ($10::int8[]))
                    order by place
                    limit $8
                )
                order by place
                limit $8
            ) as found
        )
    )
order by seq
for no key update
