select sample from alert where env = ? and account = ? and cause = ? and since = ? and kind = 0
