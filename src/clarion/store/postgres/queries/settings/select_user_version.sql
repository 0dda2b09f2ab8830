select settings_version from "user" where env = $1 and "user" = $2
