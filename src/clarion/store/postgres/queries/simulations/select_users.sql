-- One step of the index a user, however many notifications each has.
with recursive found("user") as (
    select min("user") from notification where env = $1 and "user" > $2 and "user" > 0
    union all
    select (
        select min(n."user") from notification as n
        where n.env = $1 and n."user" > found."user" and n."user" > 0
    )
    from found
    where found."user" is not null
)
select "user" from found where "user" is not null limit $3
