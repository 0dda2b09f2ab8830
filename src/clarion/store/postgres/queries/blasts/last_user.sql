select coalesce(max("user"), 0) from "user" where env = $1
