select version from topic where env = $1 and topic = $2
