delete from ordering
where (env, ordering_key) in (
    select o.env, o.ordering_key from ordering as o
    where o.at <= ?1 and not exists (
        select 1 from task as t
        where t.env = o.env and t.ordering_key = o.ordering_key and t.state not in (2, 3)
    )
    limit ?2
)
