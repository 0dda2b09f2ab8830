-- One step of the index a user, however many notifications each has.
with recursive found(user) as (
    select min(user) from notification where env = ?1 and user > ?2
    union all
    select (select min(n.user) from notification as n where n.env = ?1 and n.user > found.user)
    from found
    where found.user is not null
    limit ?3
)
select user from found where user is not null
