-- The newest items of an inbox, all of them: number, place and instant of the last activity.
select seq, place, at from (
    select * from (
        select seq, seq as place, created_at as at from item
        where env = ?1 and user = ?2 and tenant = ?3 and place is null
        order by seq desc
        limit ?4
    )
    union all
    select * from (
        select seq, place as place, coalesce(updated_at, created_at) as at
        from item indexed by item_by_place
        where env = ?1 and user = ?2 and tenant = ?3 and place is not null
        order by place desc
        limit ?4
    )
)
order by place desc
limit ?4
