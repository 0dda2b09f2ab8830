update topic set broadcast = ? where env = ? and topic = ?
