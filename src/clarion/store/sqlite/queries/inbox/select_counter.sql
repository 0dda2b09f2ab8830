select seq, total, unread, unseen from inbox_counter where env = ? and user = ? and tenant = ?
