select seq, seen_at, read_at, archived_at, counted, place, snoozed_until, interacted_at, chosen from (
    select * from (
        select seq as place, seq, seen_at, read_at, archived_at, counted, snoozed_until, interacted_at, chosen
        from item
        where env = ?1 and user = ?2 and tenant = ?3 and seq > ?4 and seq <= ?5 and place is null
            and archived_at is null and snoozed_until is null and (expires_at is null or expires_at > ?6)
            and case ?7
                when 'seen' then seen_at is null when 'read' then read_at is null else 1
            end
            and (?9 = 0 or workflow in (select value from json_each(?10)))
        order by seq
        limit ?8
    )
    union all
    select * from (
        select place as place, seq, seen_at, read_at, archived_at, counted, snoozed_until, interacted_at, chosen
        from item indexed by item_by_place
        where env = ?1 and user = ?2 and tenant = ?3 and place > ?4 and place <= ?5 and place is not null
            and archived_at is null and snoozed_until is null and (expires_at is null or expires_at > ?6)
            and case ?7
                when 'seen' then seen_at is null when 'read' then read_at is null else 1
            end
            and (?9 = 0 or workflow in (select value from json_each(?10)))
        order by place
        limit ?8
    )
    order by 1
    limit ?8
)
