-- The newest items of an inbox, all of them: number, place and instant of the last activity.
select n.seq, n.place, n.at from (
    (
        select seq, seq as place, created_at as at from item
        where env = $1 and "user" = $2 and tenant = $3 and place is null
        order by seq desc
        limit $4
    )
    union all
    (
        select seq, place, coalesce(updated_at, created_at) as at from item
        where env = $1 and "user" = $2 and tenant = $3 and place is not null
        order by place desc
        limit $4
    )
) as n
order by n.place desc
limit $4
