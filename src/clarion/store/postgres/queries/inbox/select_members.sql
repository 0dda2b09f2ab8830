-- The newest members of an item that were not taken back.
select event, actor, at from item_member
where env = $1 and "user" = $2 and tenant = $3 and seq = $4 and retracted_at is null
order by event desc
limit $5
