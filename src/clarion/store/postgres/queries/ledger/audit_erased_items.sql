-- Items that were counted as sent and went when their users were erased. 3 and 4 are sent and delivered.
select coalesce(sum(
    n.sent
    - (
        select count(*) from delivery as d
        where d.env = n.env and d.event = n.event and d.workflow = n.workflow
            and d."user" = n."user" and d.status in (3, 4)
    )
    - (
        select count(*) from item as i
        where i.env = n.env and i.event = n.event and i.workflow = n.workflow
            and i."user" = n."user" and i.aggregation_key is null
    )
    - (
        select count(*) from item_member as m
        where m.env = n.env and m.event = n.event and m.workflow = n.workflow
            and m."user" = n."user"
    )
), 0)::int8
from notification as n
join "user" as u on u.env = n.env and u."user" = n."user" and u.erased_at is not null
where n.env = $1 and n.event = $2
