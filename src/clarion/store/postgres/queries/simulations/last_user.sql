select coalesce(max("user"), 0) from notification where env = $1 and "user" > 0
