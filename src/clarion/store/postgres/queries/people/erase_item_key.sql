delete from item_key where env = $1 and "user" = $2
