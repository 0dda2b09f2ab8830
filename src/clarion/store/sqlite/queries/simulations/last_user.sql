select coalesce(max(user), 0) from notification where env = ? and user > 0
