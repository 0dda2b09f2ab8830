select tenant, seq, total, unread, unseen from inbox_counter where env = ? and user = ? order by tenant limit ?
