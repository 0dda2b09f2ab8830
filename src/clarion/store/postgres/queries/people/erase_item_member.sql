delete from item_member where env = $1 and "user" = $2
