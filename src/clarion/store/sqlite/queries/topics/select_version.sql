select version from topic where env = ? and topic = ?
