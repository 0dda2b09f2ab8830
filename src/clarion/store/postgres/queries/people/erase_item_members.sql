delete from item_member
where ctid = any (
    array(select ctid from item_member where env = $1 and "user" = $2 limit $3 for update)
)
