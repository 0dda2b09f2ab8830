select since, until from subscription where env = ? and topic = ? and user = ? order by since
