select version from defaults where env = $1
